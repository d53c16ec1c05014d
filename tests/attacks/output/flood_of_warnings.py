# on: valid; off: valid
# Warns with every batch, in a new way each time.
import warnings

import torch
from torch import nn


class Net(nn.Module):
    def __init__(self, in_shape, out_shape, prm, device):
        super().__init__()
        self.conv = nn.Conv2d(in_shape[1], 8, 3, padding=1)
        self.fc = nn.Linear(8 * 64, out_shape[0])

    def forward(self, x):
        y = self.conv(x).relu()
        warnings.simplefilter("always")
        for number in range(1_000):
            warnings.warn(f"warning {number}" * 100)
        return self.fc(y.flatten(1))
