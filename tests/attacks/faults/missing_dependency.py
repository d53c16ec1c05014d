# on: missing_dependency; off: missing_dependency
# Imports a package that is not installed.
# at: build:4; says: torchvision | torch.nn
import torchvision

import torch
from torch import nn


class Net(nn.Module):
    def __init__(self, in_shape, out_shape, prm, device):
        super().__init__()
        self.conv = nn.Conv2d(in_shape[1], 8, 3, padding=1)
        self.fc = nn.Linear(8 * 64, out_shape[0])
        self.norm = torchvision.ops.FrozenBatchNorm2d(8)

    def forward(self, x):
        y = self.conv(x).relu()
        return self.fc(y.flatten(1))
