import torch
import torch.nn as nn


def conv(c_in, c_out, k=3, stride=1, groups=1):
    return nn.Sequential(
        nn.Conv2d(c_in, c_out, k, stride, k // 2, groups=groups),
        nn.BatchNorm2d(c_out),
        nn.ReLU(),
    )


class Net(nn.Module):
    def __init__(self, in_shape, out_shape, prm, device):
        super().__init__()
        c1, c2, c3 = 24, 48, 96
        self.body = nn.Sequential(
            conv(in_shape[1], c1),
            conv(c1, c1),
            nn.MaxPool2d(2),
            conv(c1, c2),
            conv(c2, c2),
            nn.MaxPool2d(2),
            conv(c2, c3),
            conv(c3, c3),
            nn.MaxPool2d(2),
        )
        self.head = nn.Sequential(
            nn.AdaptiveAvgPool2d(2),
            nn.Flatten(),
            nn.Linear(c3 * 4, out_shape[0]),
        )

    def forward(self, x):
        x = self.body(x)
        return self.head(x)
