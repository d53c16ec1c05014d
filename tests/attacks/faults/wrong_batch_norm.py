# on: shape; off: shape
# Normalises 16 channels where there are 8.
# at: forward:17; says: num_features=8
import torch
from torch import nn


class Net(nn.Module):
    def __init__(self, in_shape, out_shape, prm, device):
        super().__init__()
        self.conv = nn.Conv2d(in_shape[1], 8, 3, padding=1)
        self.fc = nn.Linear(8 * 64, out_shape[0])
        self.norm = nn.BatchNorm2d(16)

    def forward(self, x):
        y = self.conv(x).relu()
        y = self.norm(y)
        return self.fc(y.flatten(1))
