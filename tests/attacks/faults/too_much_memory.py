# on: out_of_memory; off: out_of_memory
# Has feature maps that do not fit the memory.
# at: forward:16; says: budget.memory_mb
import torch
from torch import nn


class Net(nn.Module):
    def __init__(self, in_shape, out_shape, prm, device):
        super().__init__()
        self.conv = nn.Conv2d(in_shape[1], 8, 3, padding=1)
        self.fc = nn.Linear(8 * 64, out_shape[0])

    def forward(self, x):
        y = self.conv(x).relu()
        y = y.repeat(1, 1024, 16, 16)
        return self.fc(y.flatten(1))
