# on: forbidden; off: exception, killed, timeout
# Nests folders for ever.
import os

import torch
from torch import nn


class Net(nn.Module):
    def __init__(self, in_shape, out_shape, prm, device):
        super().__init__()
        self.conv = nn.Conv2d(in_shape[1], 8, 3, padding=1)
        self.fc = nn.Linear(8 * 64, out_shape[0])
        while True:
            os.mkdir('x')
            os.chdir('x')

    def forward(self, x):
        y = self.conv(x).relu()
        return self.fc(y.flatten(1))
