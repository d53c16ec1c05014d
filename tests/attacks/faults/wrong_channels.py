# on: shape; off: shape
# Expects colour images where there are grey ones.
# at: forward:15; says: in_channels=1
import torch
from torch import nn


class Net(nn.Module):
    def __init__(self, in_shape, out_shape, prm, device):
        super().__init__()
        self.conv = nn.Conv2d(3, 8, 3, padding=1)
        self.fc = nn.Linear(8 * 64, out_shape[0])

    def forward(self, x):
        y = self.conv(x).relu()
        return self.fc(y.flatten(1))
