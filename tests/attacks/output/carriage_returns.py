# on: valid; off: valid
# Overwrites its own lines with carriage returns, form feeds and backspaces.
import torch
from torch import nn


class Net(nn.Module):
    def __init__(self, in_shape, out_shape, prm, device):
        super().__init__()
        self.conv = nn.Conv2d(in_shape[1], 8, 3, padding=1)
        self.fc = nn.Linear(8 * 64, out_shape[0])
        print("loss 9.99\rloss 0.00\raccuracy 1.0\f\v\x08\x08\x08\x08 \x85 \u2028 \u2029")

    def forward(self, x):
        y = self.conv(x).relu()
        return self.fc(y.flatten(1))
