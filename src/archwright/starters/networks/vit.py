import torch
import torch.nn as nn


class Encoder(nn.Module):
    def __init__(self, c, heads, expand=2):
        super().__init__()
        self.norm1 = nn.LayerNorm(c)
        self.attention = nn.MultiheadAttention(c, heads, batch_first=True)
        self.norm2 = nn.LayerNorm(c)
        self.mlp = nn.Sequential(nn.Linear(c, c * expand), nn.GELU(), nn.Linear(c * expand, c))

    def forward(self, x):
        y = self.norm1(x)
        x = x + self.attention(y, y, y, need_weights=False)[0]
        return x + self.mlp(self.norm2(x))


class Net(nn.Module):
    def __init__(self, in_shape, out_shape, prm, device):
        super().__init__()
        c, heads, patch = 96, 4, 4
        tokens = in_shape[2] // patch * (in_shape[3] // patch)
        self.patches = nn.Conv2d(in_shape[1], c, patch, patch)
        self.position = nn.Parameter(torch.zeros(1, tokens, c))
        self.body = nn.Sequential(Encoder(c, heads), Encoder(c, heads))
        self.norm = nn.LayerNorm(c)
        self.head = nn.Linear(c, out_shape[0])

    def forward(self, x):
        x = self.patches(x).flatten(2).transpose(1, 2)
        x = self.body(x + self.position)
        return self.head(self.norm(x).mean(1))
