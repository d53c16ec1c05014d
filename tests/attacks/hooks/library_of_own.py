# on: forbidden; off: exception
# Writes a shared library and loads it.
import ctypes

import torch
from torch import nn


class Net(nn.Module):
    def __init__(self, in_shape, out_shape, prm, device):
        super().__init__()
        self.conv = nn.Conv2d(in_shape[1], 8, 3, padding=1)
        self.fc = nn.Linear(8 * 64, out_shape[0])
        with open("library.so", "wb") as file:
            file.write(b"\x7fELF" + bytes(1_000))
        ctypes.CDLL("./library.so")

    def forward(self, x):
        y = self.conv(x).relu()
        return self.fc(y.flatten(1))
