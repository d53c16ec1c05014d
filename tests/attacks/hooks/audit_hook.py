# on: forbidden, exception; off: valid, exception, killed
# Installs an audit hook that forbids everything from then on.
import sys

import torch
from torch import nn


class Net(nn.Module):
    def __init__(self, in_shape, out_shape, prm, device):
        super().__init__()
        self.conv = nn.Conv2d(in_shape[1], 8, 3, padding=1)
        self.fc = nn.Linear(8 * 64, out_shape[0])

    def forward(self, x):
        y = self.conv(x).relu()
        return self.fc(y.flatten(1))


def forbid(event, arguments):
    if event in ("open", "os.putenv", "socket.__new__", "mmap.__new__", "exec"):
        raise RuntimeError(event)


sys.addaudithook(forbid)
