# on: exception; off: exception
# Raises an exception that raises itself when asked for its text.
# at: build:19; says: Evil
import torch
from torch import nn

class Evil(Exception):
    def __str__(self):
        raise self

    __repr__ = __str__


class Net(nn.Module):
    def __init__(self, in_shape, out_shape, prm, device):
        super().__init__()
        self.conv = nn.Conv2d(in_shape[1], 8, 3, padding=1)
        self.fc = nn.Linear(8 * 64, out_shape[0])
        raise Evil

    def forward(self, x):
        y = self.conv(x).relu()
        return self.fc(y.flatten(1))
