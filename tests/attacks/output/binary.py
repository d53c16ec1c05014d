# on: forbidden; off: valid
# Prints every byte there is, and what is no text.
import os

import torch
from torch import nn


class Net(nn.Module):
    def __init__(self, in_shape, out_shape, prm, device):
        super().__init__()
        self.conv = nn.Conv2d(in_shape[1], 8, 3, padding=1)
        self.fc = nn.Linear(8 * 64, out_shape[0])
        os.write(1, bytes(range(256)) * 8 + b"\xff\xfe\xed\xa0\x80\xf4\x90\x80\x80")

    def forward(self, x):
        y = self.conv(x).relu()
        return self.fc(y.flatten(1))
