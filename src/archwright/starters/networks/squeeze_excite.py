import torch
import torch.nn as nn


def conv(c_in, c_out, k=3, stride=1, groups=1):
    return nn.Sequential(
        nn.Conv2d(c_in, c_out, k, stride, k // 2, groups=groups),
        nn.BatchNorm2d(c_out),
        nn.ReLU(),
    )


class SqueezeExcite(nn.Module):
    def __init__(self, c, reduce=4):
        super().__init__()
        self.gate = nn.Sequential(
            nn.AdaptiveAvgPool2d(1),
            nn.Conv2d(c, c // reduce, 1),
            nn.ReLU(),
            nn.Conv2d(c // reduce, c, 1),
            nn.Sigmoid(),
        )

    def forward(self, x):
        return x * self.gate(x)


class Net(nn.Module):
    def __init__(self, in_shape, out_shape, prm, device):
        super().__init__()
        c1, c2, c3 = 32, 64, 128
        self.body = nn.Sequential(
            conv(in_shape[1], c1),
            SqueezeExcite(c1),
            nn.MaxPool2d(2),
            conv(c1, c2),
            SqueezeExcite(c2),
            nn.MaxPool2d(2),
            conv(c2, c3),
            SqueezeExcite(c3),
        )
        self.head = nn.Sequential(
            nn.AdaptiveAvgPool2d(4),
            nn.Flatten(),
            nn.Linear(c3 * 16, out_shape[0]),
        )

    def forward(self, x):
        x = self.body(x)
        return self.head(x)
