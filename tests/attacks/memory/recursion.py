# on: exception, killed, out_of_memory, type; off: exception, killed, out_of_memory, type
# Lifts the recursion limit and recurses until the stack ends.
import sys

import torch
from torch import nn

def dig(depth):
    return dig(depth + 1) + 1


class Net(nn.Module):
    def __init__(self, in_shape, out_shape, prm, device):
        super().__init__()
        self.conv = nn.Conv2d(in_shape[1], 8, 3, padding=1)
        self.fc = nn.Linear(8 * 64, out_shape[0])
        sys.setrecursionlimit(10**9)
        dig(0)

    def forward(self, x):
        y = self.conv(x).relu()
        return self.fc(y.flatten(1))
