# on: exception; off: exception
# Raises an error about a name with attributes that bite whoever looks.
import torch
from torch import nn

class Bait:
    def __dir__(self):
        raise SystemExit("caught")

    def __getattribute__(self, name):
        raise KeyboardInterrupt


class Net(nn.Module):
    def __init__(self, in_shape, out_shape, prm, device):
        super().__init__()
        self.conv = nn.Conv2d(in_shape[1], 8, 3, padding=1)
        self.fc = nn.Linear(8 * 64, out_shape[0])
        raise AttributeError("gone", name="gone", obj=Bait())

    def forward(self, x):
        y = self.conv(x).relu()
        return self.fc(y.flatten(1))
