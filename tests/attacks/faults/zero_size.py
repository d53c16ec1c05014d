# on: shape; off: shape
# Strides until the image has no size, with a kernel that does not fit.
# at: forward:17; says: too small here
import torch
from torch import nn


class Net(nn.Module):
    def __init__(self, in_shape, out_shape, prm, device):
        super().__init__()
        self.conv = nn.Conv2d(in_shape[1], 8, 3, padding=1)
        self.fc = nn.Linear(8 * 64, out_shape[0])
        self.down = nn.Conv2d(8, 8, 5, stride=4)

    def forward(self, x):
        y = self.conv(x).relu()
        y = self.down(self.down(y))
        return self.fc(y.flatten(1))
