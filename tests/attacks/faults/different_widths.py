# on: shape; off: shape
# Adds paths of different width.
# at: forward:17; says: 1x1 convolution
import torch
from torch import nn


class Net(nn.Module):
    def __init__(self, in_shape, out_shape, prm, device):
        super().__init__()
        self.conv = nn.Conv2d(in_shape[1], 8, 3, padding=1)
        self.fc = nn.Linear(8 * 64, out_shape[0])
        self.wide = nn.Conv2d(8, 16, 1)

    def forward(self, x):
        y = self.conv(x).relu()
        y = y + self.wide(y)
        return self.fc(y.flatten(1))
