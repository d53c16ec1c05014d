# on: forbidden; off: valid, exception, killed
# Reaches for attributes in letters that only look different.
import torch
from torch import nn


class Net(nn.Module):
    def __init__(self, in_shape, out_shape, prm, device):
        super().__init__()
        self.conv = nn.Conv2d(in_shape[1], 8, 3, padding=1)
        self.fc = nn.Linear(8 * 64, out_shape[0])
        self.found = ().__ｃlass__.__ｂases__[0].__ｓubclasses__()
        print(len(self.found))

    def forward(self, x):
        y = self.conv(x).relu()
        return self.fc(y.flatten(1))
