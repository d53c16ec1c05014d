# on: shape; off: shape
# Feeds a flat vector to a convolution.
# at: forward:17; says: (N, C, H, W)
import torch
from torch import nn


class Net(nn.Module):
    def __init__(self, in_shape, out_shape, prm, device):
        super().__init__()
        self.conv = nn.Conv2d(in_shape[1], 8, 3, padding=1)
        self.fc = nn.Linear(8 * 64, out_shape[0])
        self.again = nn.Conv2d(8, 8, 1)

    def forward(self, x):
        y = self.conv(x).relu()
        y = self.again(y.flatten(1))
        return self.fc(y.flatten(1))
