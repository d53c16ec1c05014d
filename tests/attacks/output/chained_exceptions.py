# on: exception; off: exception
# Raises an exception with ten thousand causes.
import torch
from torch import nn


class Net(nn.Module):
    def __init__(self, in_shape, out_shape, prm, device):
        super().__init__()
        self.conv = nn.Conv2d(in_shape[1], 8, 3, padding=1)
        self.fc = nn.Linear(8 * 64, out_shape[0])
        error = ValueError("first")
        for number in range(10_000):
            following = ValueError(f"next {number}")
            following.__cause__ = error
            error = following
        raise error

    def forward(self, x):
        y = self.conv(x).relu()
        return self.fc(y.flatten(1))
