import torch
import torch.nn as nn


class Block(nn.Module):
    def __init__(self, c, k=5):
        super().__init__()
        self.space = nn.Sequential(
            nn.Conv2d(c, c, k, 1, k // 2, groups=c),
            nn.GELU(),
            nn.BatchNorm2d(c),
        )
        self.channels = nn.Sequential(nn.Conv2d(c, c, 1), nn.GELU(), nn.BatchNorm2d(c))

    def forward(self, x):
        x = x + self.space(x)
        return self.channels(x)


class Net(nn.Module):
    def __init__(self, in_shape, out_shape, prm, device):
        super().__init__()
        c, depth = 128, 3
        self.body = nn.Sequential(
            nn.Conv2d(in_shape[1], c, 3, 2, 1),
            nn.GELU(),
            nn.BatchNorm2d(c),
            nn.MaxPool2d(2),
            *[Block(c) for _ in range(depth)],
        )
        self.head = nn.Sequential(
            nn.AdaptiveAvgPool2d(2),
            nn.Flatten(),
            nn.Linear(c * 4, out_shape[0]),
        )

    def forward(self, x):
        x = self.body(x)
        return self.head(x)
