# on: shape; off: shape
# Asks for a layer that is not there.
# at: forward:17; says: out of range
import torch
from torch import nn


class Net(nn.Module):
    def __init__(self, in_shape, out_shape, prm, device):
        super().__init__()
        self.conv = nn.Conv2d(in_shape[1], 8, 3, padding=1)
        self.fc = nn.Linear(8 * 64, out_shape[0])
        self.layers = nn.ModuleList([self.conv])

    def forward(self, x):
        y = self.conv(x).relu()
        y = self.layers[1](y)
        return self.fc(y.flatten(1))
