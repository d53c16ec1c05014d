import torch
import torch.nn as nn


def conv(c_in, c_out):
    return nn.Sequential(nn.Conv2d(c_in, c_out, 3, 1, 1), nn.BatchNorm2d(c_out), nn.GELU())


class Residual(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.body = nn.Sequential(conv(c, c), conv(c, c))

    def forward(self, x):
        return x + self.body(x)


class Net(nn.Module):
    def __init__(self, in_shape, out_shape, prm, device):
        super().__init__()
        c1, c2, c3 = 32, 64, 128
        self.body = nn.Sequential(
            nn.Conv2d(in_shape[1], c1, 2, 2),
            nn.GELU(),
            conv(c1, c2),
            nn.MaxPool2d(2),
            Residual(c2),
            conv(c2, c3),
            nn.MaxPool2d(2),
        )
        self.pool = nn.AdaptiveMaxPool2d(1)
        self.head = nn.Linear(c3, out_shape[0])

    def forward(self, x):
        x = self.pool(self.body(x))
        return self.head(x.flatten(1))
