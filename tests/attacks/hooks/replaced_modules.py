# on: forbidden; off: valid, exception, killed, name, bad_result, type
# Replaces modules that the evaluator uses by empty ones.
import sys
import types

import torch
from torch import nn


class Net(nn.Module):
    def __init__(self, in_shape, out_shape, prm, device):
        super().__init__()
        self.conv = nn.Conv2d(in_shape[1], 8, 3, padding=1)
        self.fc = nn.Linear(8 * 64, out_shape[0])

    def forward(self, x):
        y = self.conv(x).relu()
        return self.fc(y.flatten(1))


for name in list(sys.modules):
    if name.startswith(("archwright", "json", "safetensors", "numpy", "socket", "mmap")):
        sys.modules[name] = types.ModuleType(name)
