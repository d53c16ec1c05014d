# on: forbidden; off: exception
# Fills the buffers of pipes, which belong to no process.
import fcntl
import os

import torch
from torch import nn


class Net(nn.Module):
    def __init__(self, in_shape, out_shape, prm, device):
        super().__init__()
        self.conv = nn.Conv2d(in_shape[1], 8, 3, padding=1)
        self.fc = nn.Linear(8 * 64, out_shape[0])
        kept = []
        while True:
            kept.append(os.pipe())
            fcntl.fcntl(kept[-1][1], fcntl.F_SETPIPE_SZ, 2**20)
            os.write(kept[-1][1], bytes(2**20))

    def forward(self, x):
        y = self.conv(x).relu()
        return self.fc(y.flatten(1))
