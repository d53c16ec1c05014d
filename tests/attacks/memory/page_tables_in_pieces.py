# on: forbidden; off: out_of_memory
# Touches one address in each page table of many small maps, each of them within any limit.
import mmap

import torch
from torch import nn

kept = []
while True:
    kept.append(mmap.mmap(-1, 2**28, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | 0x4000, mmap.PROT_READ))
    for place in range(0, 2**28, 2**21):
        kept[-1][place]


class Net(nn.Module):
    def __init__(self, in_shape, out_shape, prm, device):
        super().__init__()
        self.f = nn.Sequential(nn.Flatten(), nn.Linear(in_shape[1] * in_shape[2] * in_shape[3], out_shape[0]))

    def forward(self, x):
        return self.f(x)
