import torch
import torch.nn as nn


class Block(nn.Module):
    def __init__(self, c, k=7, expand=2):
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(c, c, k, 1, k // 2, groups=c),
            nn.BatchNorm2d(c),
            nn.Conv2d(c, c * expand, 1),
            nn.GELU(),
            nn.Conv2d(c * expand, c, 1),
        )

    def forward(self, x):
        return x + self.body(x)


def down(c_in, c_out):
    return nn.Sequential(nn.Conv2d(c_in, c_out, 2, 2), nn.BatchNorm2d(c_out))


class Net(nn.Module):
    def __init__(self, in_shape, out_shape, prm, device):
        super().__init__()
        c1, c2, c3 = 32, 64, 128
        self.body = nn.Sequential(
            down(in_shape[1], c1),
            Block(c1),
            down(c1, c2),
            Block(c2),
            Block(c2),
            nn.Conv2d(c2, c3, 1),
            nn.BatchNorm2d(c3),
            nn.GELU(),
        )
        self.head = nn.Sequential(
            nn.AdaptiveAvgPool2d(2),
            nn.Flatten(),
            nn.Linear(c3 * 4, out_shape[0]),
        )

    def forward(self, x):
        x = self.body(x)
        return self.head(x)
