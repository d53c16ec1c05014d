# on: forbidden; off: exception, out_of_memory
# Maps shared memory, which the limit on private memory does not count.
import mmap

import torch
from torch import nn


class Net(nn.Module):
    def __init__(self, in_shape, out_shape, prm, device):
        super().__init__()
        self.conv = nn.Conv2d(in_shape[1], 8, 3, padding=1)
        self.fc = nn.Linear(8 * 64, out_shape[0])
        kept = []
        while True:
            block = mmap.mmap(-1, 2**26)
            block.write(b"x" * 2**26)
            kept.append(block)

    def forward(self, x):
        y = self.conv(x).relu()
        return self.fc(y.flatten(1))
