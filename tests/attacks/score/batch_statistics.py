# on: valid, not_reproducible; off: valid, not_reproducible
# Normalises with the statistics of the evaluation batch, so that images help each other.
import torch
from torch import nn


class Net(nn.Module):
    def __init__(self, in_shape, out_shape, prm, device):
        super().__init__()
        self.conv = nn.Conv2d(in_shape[1], 8, 3, padding=1)
        self.fc = nn.Linear(8 * 64, out_shape[0])
        self.norm = nn.BatchNorm2d(8, track_running_stats=False)

    def forward(self, x):
        y = self.conv(x).relu()
        y = self.norm(y)
        return self.fc(y.flatten(1))
