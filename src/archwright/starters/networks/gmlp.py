import torch
import torch.nn as nn


def conv(c_in, c_out, k=3, stride=1, groups=1):
    return nn.Sequential(
        nn.Conv2d(c_in, c_out, k, stride, k // 2, groups=groups),
        nn.BatchNorm2d(c_out),
        nn.ReLU(),
    )


class Gate(nn.Module):
    def __init__(self, tokens, c):
        super().__init__()
        self.norm = nn.LayerNorm(c)
        self.inner = nn.Linear(c, c * 2)
        self.act = nn.GELU()
        self.mix = nn.Linear(tokens, tokens)
        self.outer = nn.Linear(c, c)

    def forward(self, x):
        u, v = self.act(self.inner(self.norm(x))).chunk(2, 2)
        v = self.mix(v.transpose(1, 2)).transpose(1, 2)
        return x + self.outer(u * v)


class Net(nn.Module):
    def __init__(self, in_shape, out_shape, prm, device):
        super().__init__()
        c1, c2, n = 32, 96, 8
        self.stem = nn.Sequential(
            conv(in_shape[1], c1),
            nn.MaxPool2d(2),
            conv(c1, c2),
            nn.AdaptiveAvgPool2d(n),
        )
        self.body = nn.Sequential(Gate(n * n, c2), Gate(n * n, c2))
        self.head = nn.Linear(c2, out_shape[0])

    def forward(self, x):
        x = self.stem(x).flatten(2).transpose(1, 2)
        x = self.body(x)
        return self.head(x.mean(1))
