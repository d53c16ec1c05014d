# on: type; off: type
# Puts a function where a layer belongs.
# at: build:13; says: Module subclass
import torch
from torch import nn


class Net(nn.Module):
    def __init__(self, in_shape, out_shape, prm, device):
        super().__init__()
        self.conv = nn.Conv2d(in_shape[1], 8, 3, padding=1)
        self.fc = nn.Linear(8 * 64, out_shape[0])
        self.layers = nn.Sequential(nn.Conv2d(8, 8, 1), torch.relu)

    def forward(self, x):
        y = self.conv(x).relu()
        return self.fc(y.flatten(1))
