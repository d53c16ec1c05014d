import torch
import torch.nn as nn


def conv(c_in, c_out, k=3, stride=1, groups=1):
    return nn.Sequential(
        nn.Conv2d(c_in, c_out, k, stride, k // 2, groups=groups),
        nn.BatchNorm2d(c_out),
        nn.ReLU(),
    )


def mlpconv(c_in, c_out, k, stride):
    return nn.Sequential(conv(c_in, c_out, k, stride), conv(c_out, c_out, 1))


class Net(nn.Module):
    def __init__(self, in_shape, out_shape, prm, device):
        super().__init__()
        c1, c2, c3 = 48, 96, 96
        self.body = nn.Sequential(
            mlpconv(in_shape[1], c1, 5, 2),
            mlpconv(c1, c2, 3, 2),
            mlpconv(c2, c3, 3, 1),
            nn.Conv2d(c3, out_shape[0], 1),
        )
        self.head = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten())

    def forward(self, x):
        x = self.body(x)
        return self.head(x)
