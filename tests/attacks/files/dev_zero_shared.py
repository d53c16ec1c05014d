# on: forbidden; off: exception
# Makes uncounted memory out of /dev/zero.
import mmap
import os

import torch

block = mmap.mmap(os.open("/dev/zero", os.O_RDWR), 2**30)
for start in range(0, 2**30, 4096):
    block[start] = 1


class Net(torch.nn.Module):
    def __init__(self, in_shape, out_shape, prm, device):
        super().__init__()
        self.layer = torch.nn.Linear(in_shape[1] * in_shape[2] * in_shape[3], out_shape[0])

    def forward(self, x):
        return self.layer(x.flatten(1))
