import torch
import torch.nn as nn


def conv(c_in, c_out, k=3, stride=1, groups=1):
    return nn.Sequential(
        nn.Conv2d(c_in, c_out, k, stride, k // 2, groups=groups),
        nn.BatchNorm2d(c_out),
        nn.ReLU(),
    )


class Block(nn.Module):
    def __init__(self, c, expand=2):
        super().__init__()
        self.norm = nn.BatchNorm2d(c)
        self.pool = nn.AvgPool2d(3, 1, 1)
        self.mlp = nn.Sequential(
            nn.BatchNorm2d(c),
            nn.Conv2d(c, c * expand, 1),
            nn.GELU(),
            nn.Conv2d(c * expand, c, 1),
        )

    def forward(self, x):
        y = self.norm(x)
        x = x + self.pool(y) - y
        return x + self.mlp(x)


class Net(nn.Module):
    def __init__(self, in_shape, out_shape, prm, device):
        super().__init__()
        c1, c2, c3 = 32, 64, 128
        self.body = nn.Sequential(
            conv(in_shape[1], c1, 3, 2),
            Block(c1),
            conv(c1, c2, 3, 2),
            Block(c2),
            conv(c2, c3),
            Block(c3),
        )
        self.head = nn.Sequential(
            nn.AdaptiveAvgPool2d(2),
            nn.Flatten(),
            nn.Linear(c3 * 4, out_shape[0]),
        )

    def forward(self, x):
        x = self.body(x)
        return self.head(x)
