# on: shape; off: shape
# Joins feature maps of different sizes.
# at: forward:16; says: torch.cat needs equal sizes
import torch
from torch import nn


class Net(nn.Module):
    def __init__(self, in_shape, out_shape, prm, device):
        super().__init__()
        self.conv = nn.Conv2d(in_shape[1], 8, 3, padding=1)
        self.fc = nn.Linear(8 * 64, out_shape[0])

    def forward(self, x):
        y = self.conv(x).relu()
        y = torch.cat((y, nn.functional.max_pool2d(y, 2)), 1)
        return self.fc(y.flatten(1))
