# on: exception; off: exception
# Raises an exception whose text is no text.
# at: build:13; says: end
import torch
from torch import nn


class Net(nn.Module):
    def __init__(self, in_shape, out_shape, prm, device):
        super().__init__()
        self.conv = nn.Conv2d(in_shape[1], 8, 3, padding=1)
        self.fc = nn.Linear(8 * 64, out_shape[0])
        raise ValueError("\ud83d\udcff \x00 \x1b[31m \u202e end")

    def forward(self, x):
        y = self.conv(x).relu()
        return self.fc(y.flatten(1))
