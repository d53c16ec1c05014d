import torch
import torch.nn as nn


def conv(c_in, c_out, k=3, stride=1, groups=1):
    return nn.Sequential(
        nn.Conv2d(c_in, c_out, k, stride, k // 2, groups=groups),
        nn.BatchNorm2d(c_out),
        nn.ReLU(),
    )


class Down(nn.Module):
    def __init__(self, c_in, c_out):
        super().__init__()
        self.average = nn.AvgPool2d(2)
        self.maximum = nn.MaxPool2d(2)
        self.conv = conv(c_in * 2, c_out)

    def forward(self, x):
        x = torch.cat([self.average(x), self.maximum(x)], 1)
        return self.conv(x)


class Net(nn.Module):
    def __init__(self, in_shape, out_shape, prm, device):
        super().__init__()
        c1, c2, c3 = 24, 64, 128
        self.body = nn.Sequential(conv(in_shape[1], c1), Down(c1, c2), Down(c2, c3))
        self.head = nn.Sequential(
            nn.AdaptiveAvgPool2d(4),
            nn.Flatten(),
            nn.Linear(c3 * 16, out_shape[0]),
        )

    def forward(self, x):
        x = self.body(x)
        return self.head(x)
