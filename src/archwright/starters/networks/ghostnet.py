import torch
import torch.nn as nn


def conv(c_in, c_out, k=3, stride=1, groups=1):
    return nn.Sequential(
        nn.Conv2d(c_in, c_out, k, stride, k // 2, groups=groups),
        nn.BatchNorm2d(c_out),
        nn.ReLU(),
    )


class Ghost(nn.Module):
    def __init__(self, c_in, c_out):
        super().__init__()
        self.primary = conv(c_in, c_out // 2)
        self.cheap = conv(c_out // 2, c_out // 2, 3, 1, c_out // 2)

    def forward(self, x):
        x = self.primary(x)
        return torch.cat([x, self.cheap(x)], 1)


class Net(nn.Module):
    def __init__(self, in_shape, out_shape, prm, device):
        super().__init__()
        c1, c2, c3 = 32, 64, 128
        self.body = nn.Sequential(
            Ghost(in_shape[1], c1),
            nn.MaxPool2d(2),
            Ghost(c1, c2),
            Ghost(c2, c2),
            nn.MaxPool2d(2),
            Ghost(c2, c3),
        )
        self.head = nn.Sequential(
            nn.AdaptiveAvgPool2d(4),
            nn.Flatten(),
            nn.Linear(c3 * 16, out_shape[0]),
        )

    def forward(self, x):
        x = self.body(x)
        return self.head(x)
