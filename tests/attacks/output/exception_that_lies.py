# on: exception, shape; off: exception, shape
# Raises an exception whose text looks like a shape error with huge numbers.
import torch
from torch import nn


class Net(nn.Module):
    def __init__(self, in_shape, out_shape, prm, device):
        super().__init__()
        self.conv = nn.Conv2d(in_shape[1], 8, 3, padding=1)
        self.fc = nn.Linear(8 * 64, out_shape[0])
        raise RuntimeError("mat1 and mat2 shapes cannot be multiplied (" + "9" * 5_000 + "x1 and 2x3)")

    def forward(self, x):
        y = self.conv(x).relu()
        return self.fc(y.flatten(1))
