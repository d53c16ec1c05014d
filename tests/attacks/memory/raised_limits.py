# on: forbidden; off: out_of_memory, exception
# Raises its own limits, then takes the memory.
import resource

import torch
from torch import nn


class Net(nn.Module):
    def __init__(self, in_shape, out_shape, prm, device):
        super().__init__()
        self.conv = nn.Conv2d(in_shape[1], 8, 3, padding=1)
        self.fc = nn.Linear(8 * 64, out_shape[0])
        for kind in (resource.RLIMIT_DATA, resource.RLIMIT_AS, resource.RLIMIT_FSIZE, resource.RLIMIT_NOFILE):
            try:
                resource.setrlimit(kind, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
            except (ValueError, OSError):
                pass
        kept = []
        while True:
            kept.append(bytearray(2**24))

    def forward(self, x):
        y = self.conv(x).relu()
        return self.fc(y.flatten(1))
