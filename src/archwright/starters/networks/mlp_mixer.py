import torch
import torch.nn as nn


class Mixer(nn.Module):
    def __init__(self, tokens, c, expand=2):
        super().__init__()
        self.norm1 = nn.LayerNorm(c)
        self.mix = nn.Sequential(
            nn.Linear(tokens, tokens * expand),
            nn.GELU(),
            nn.Linear(tokens * expand, tokens),
        )
        self.norm2 = nn.LayerNorm(c)
        self.mlp = nn.Sequential(nn.Linear(c, c * expand), nn.GELU(), nn.Linear(c * expand, c))

    def forward(self, x):
        y = self.norm1(x).transpose(1, 2)
        x = x + self.mix(y).transpose(1, 2)
        return x + self.mlp(self.norm2(x))


class Net(nn.Module):
    def __init__(self, in_shape, out_shape, prm, device):
        super().__init__()
        c, n = 96, 8
        self.stem = nn.Sequential(
            nn.Conv2d(in_shape[1], c, 3, 1, 1),
            nn.BatchNorm2d(c),
            nn.ReLU(),
            nn.AdaptiveAvgPool2d(n),
        )
        self.body = nn.Sequential(Mixer(n * n, c), Mixer(n * n, c))
        self.norm = nn.LayerNorm(c)
        self.head = nn.Linear(c, out_shape[0])

    def forward(self, x):
        x = self.stem(x).flatten(2).transpose(1, 2)
        x = self.norm(self.body(x))
        return self.head(x.mean(1))
