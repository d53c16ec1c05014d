# on: wrong_output; off: wrong_output
# Has 100 outputs for 10 classes.
# at: forward; says: (2, 100) instead of (2, 10)
import torch
from torch import nn


class Net(nn.Module):
    def __init__(self, in_shape, out_shape, prm, device):
        super().__init__()
        self.conv = nn.Conv2d(in_shape[1], 8, 3, padding=1)
        self.fc = nn.Linear(8 * 64, 100)

    def forward(self, x):
        y = self.conv(x).relu()
        return self.fc(y.flatten(1))
