# on: too_large, name, exception, syntax, killed; off: too_large, name, exception, syntax, killed
# Chains twenty thousand attributes.
import torch
from torch import nn


class Net(nn.Module):
    def __init__(self, in_shape, out_shape, prm, device):
        super().__init__()
        self.conv = nn.Conv2d(in_shape[1], 8, 3, padding=1)
        self.fc = nn.Linear(8 * 64, out_shape[0])
        self.deep = torch«20000 × .nn»

    def forward(self, x):
        y = self.conv(x).relu()
        return self.fc(y.flatten(1))
