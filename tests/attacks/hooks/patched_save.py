# on: forbidden, valid, bad_result, exception; off: valid, bad_result, exception
# Makes the format of the weights its own.
import sys

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


for name, module in list(sys.modules.items()):
    if name.startswith(("safetensors", "archwright.evaluation")) and hasattr(module, "save"):
        module.save = lambda tensors, metadata=None: b"PK\x03\x04" + b"x" * 1_000
