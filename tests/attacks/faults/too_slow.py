# on: timeout; off: timeout
# Convolves the same maps thousands of times.
# at: forward; says: budget.wall_s | use fewer FLOPs
import torch
from torch import nn


class Net(nn.Module):
    def __init__(self, in_shape, out_shape, prm, device):
        super().__init__()
        self.conv = nn.Conv2d(in_shape[1], 8, 3, padding=1)
        self.fc = nn.Linear(8 * 64, out_shape[0])

    def forward(self, x):
        y = self.conv(x).relu()
        for _ in range(20_000):
            y = nn.functional.conv2d(y.relu(), self.conv.weight.expand(8, 8, 3, 3), padding=1)
        return self.fc(y.flatten(1))
