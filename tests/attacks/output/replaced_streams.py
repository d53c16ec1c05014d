# on: valid, exception; off: valid, exception
# Replaces its standard streams by what cannot be written or flushed.
import sys

import torch
from torch import nn

class Stream:
    def write(self, text):
        raise ValueError("no")

    def flush(self):
        raise ValueError("never")


class Net(nn.Module):
    def __init__(self, in_shape, out_shape, prm, device):
        super().__init__()
        self.conv = nn.Conv2d(in_shape[1], 8, 3, padding=1)
        self.fc = nn.Linear(8 * 64, out_shape[0])
        sys.stdout = sys.stderr = Stream()

    def forward(self, x):
        y = self.conv(x).relu()
        return self.fc(y.flatten(1))
