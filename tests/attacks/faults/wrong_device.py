# on: type; off: type
# Leaves a tensor on another device.
# at: forward:17; says: device
import torch
from torch import nn


class Net(nn.Module):
    def __init__(self, in_shape, out_shape, prm, device):
        super().__init__()
        self.conv = nn.Conv2d(in_shape[1], 8, 3, padding=1)
        self.fc = nn.Linear(8 * 64, out_shape[0])
        self.shift = torch.zeros(8, 1, 1, device="meta")

    def forward(self, x):
        y = self.conv(x).relu()
        y = y + self.shift
        return self.fc(y.flatten(1))
