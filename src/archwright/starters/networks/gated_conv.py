import torch
import torch.nn as nn


class Gated(nn.Module):
    def __init__(self, c_in, c_out, stride=1):
        super().__init__()
        self.conv = nn.Conv2d(c_in, c_out * 2, 3, stride, 1)
        self.norm = nn.BatchNorm2d(c_out * 2)
        self.gate = nn.GLU(1)

    def forward(self, x):
        return self.gate(self.norm(self.conv(x)))


class Net(nn.Module):
    def __init__(self, in_shape, out_shape, prm, device):
        super().__init__()
        c1, c2, c3 = 32, 64, 96
        self.body = nn.Sequential(
            Gated(in_shape[1], c1, 2),
            Gated(c1, c2),
            nn.MaxPool2d(2),
            Gated(c2, c3),
            nn.BatchNorm2d(c3),
        )
        self.head = nn.Sequential(
            nn.AdaptiveAvgPool2d(4),
            nn.Flatten(),
            nn.Linear(c3 * 16, out_shape[0]),
        )

    def forward(self, x):
        x = self.body(x)
        return self.head(x)
