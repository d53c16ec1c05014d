# on: timeout; off: timeout
# Runs one layer 10^9 times: few parameters, no end.
import torch
from torch import nn


class Net(nn.Module):
    def __init__(self, in_shape, out_shape, prm, device):
        super().__init__()
        self.conv = nn.Conv2d(in_shape[1], 8, 3, padding=1)
        self.fc = nn.Linear(8 * 64, out_shape[0])
        self.layer = nn.Conv2d(8, 8, 1)

    def forward(self, x):
        y = self.conv(x).relu()
        for _ in range(10**9):
            y = self.layer(y)
        return self.fc(y.flatten(1))
