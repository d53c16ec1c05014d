import torch
import torch.nn as nn


def conv(c_in, c_out, k=3, stride=1, groups=1):
    return nn.Sequential(
        nn.Conv2d(c_in, c_out, k, stride, k // 2, groups=groups),
        nn.BatchNorm2d(c_out),
        nn.ReLU(),
    )


class Fire(nn.Module):
    def __init__(self, c_in, squeeze, expand):
        super().__init__()
        self.squeeze = conv(c_in, squeeze, 1)
        self.left = conv(squeeze, expand, 1)
        self.right = conv(squeeze, expand, 3)

    def forward(self, x):
        x = self.squeeze(x)
        return torch.cat([self.left(x), self.right(x)], 1)


class Net(nn.Module):
    def __init__(self, in_shape, out_shape, prm, device):
        super().__init__()
        c1, c2, c3 = 32, 64, 96
        self.body = nn.Sequential(
            conv(in_shape[1], c1),
            nn.MaxPool2d(2),
            Fire(c1, 16, c1),
            Fire(c1 * 2, 24, c2),
            nn.MaxPool2d(2),
            Fire(c2 * 2, 32, c3),
        )
        self.head = nn.Sequential(
            nn.AdaptiveAvgPool2d(4),
            nn.Flatten(),
            nn.Linear(c3 * 2 * 16, out_shape[0]),
        )

    def forward(self, x):
        x = self.body(x)
        return self.head(x)
