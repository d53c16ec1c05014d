# on: valid, syntax, missing_dependency; off: valid, syntax
# Turns the language around with future imports in the wrong place.
from __future__ import annotations

import torch
from torch import nn

from __future__ import barry_as_FLUFL


class Net(nn.Module):
    def __init__(self, in_shape, out_shape, prm, device):
        super().__init__()
        self.conv = nn.Conv2d(in_shape[1], 8, 3, padding=1)
        self.fc = nn.Linear(8 * 64, out_shape[0])

    def forward(self, x):
        y = self.conv(x).relu()
        return self.fc(y.flatten(1))
