# on: shape; off: shape
# Pools until nothing is left.
# at: forward:17; says: too small here
import torch
from torch import nn


class Net(nn.Module):
    def __init__(self, in_shape, out_shape, prm, device):
        super().__init__()
        self.conv = nn.Conv2d(in_shape[1], 8, 3, padding=1)
        self.fc = nn.Linear(8 * 64, out_shape[0])

    def forward(self, x):
        y = self.conv(x).relu()
        for _ in range(4):
            y = nn.functional.max_pool2d(y, 2)
        return self.fc(y.flatten(1))
