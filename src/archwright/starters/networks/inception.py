import torch
import torch.nn as nn


def conv(c_in, c_out, k=3, stride=1, groups=1):
    return nn.Sequential(
        nn.Conv2d(c_in, c_out, k, stride, k // 2, groups=groups),
        nn.BatchNorm2d(c_out),
        nn.ReLU(),
    )


class Inception(nn.Module):
    def __init__(self, c_in, c):
        super().__init__()
        self.a = conv(c_in, c, 1)
        self.b = nn.Sequential(conv(c_in, c, 1), conv(c, c, 3))
        self.c = nn.Sequential(conv(c_in, c, 1), conv(c, c, 5))
        self.d = nn.Sequential(nn.MaxPool2d(3, 1, 1), conv(c_in, c, 1))

    def forward(self, x):
        return torch.cat([self.a(x), self.b(x), self.c(x), self.d(x)], 1)


class Net(nn.Module):
    def __init__(self, in_shape, out_shape, prm, device):
        super().__init__()
        c1, c2, c3 = 32, 16, 32
        self.body = nn.Sequential(
            conv(in_shape[1], c1, 3, 2),
            Inception(c1, c2),
            nn.MaxPool2d(2),
            Inception(c2 * 4, c3),
            Inception(c3 * 4, c3),
        )
        self.head = nn.Sequential(
            nn.AdaptiveAvgPool2d(2),
            nn.Flatten(),
            nn.Linear(c3 * 4 * 4, out_shape[0]),
        )

    def forward(self, x):
        x = self.body(x)
        return self.head(x)
