# on: forbidden; off: valid, exception, killed, out_of_memory
# Locks all its memory into RAM.
import ctypes

import torch
from torch import nn


class Net(nn.Module):
    def __init__(self, in_shape, out_shape, prm, device):
        super().__init__()
        self.conv = nn.Conv2d(in_shape[1], 8, 3, padding=1)
        self.fc = nn.Linear(8 * 64, out_shape[0])
        ctypes.CDLL(None).mlockall(3)
        kept = [bytearray(2**20) for _ in range(10**6)]

    def forward(self, x):
        y = self.conv(x).relu()
        return self.fc(y.flatten(1))
