# on: too_large, syntax, exception, valid, killed, forbidden; off: too_large, syntax, exception, valid, killed
# Adds up thirty thousand ones.
import torch
from torch import nn


class Net(nn.Module):
    def __init__(self, in_shape, out_shape, prm, device):
        super().__init__()
        self.conv = nn.Conv2d(in_shape[1], 8, 3, padding=1)
        self.fc = nn.Linear(8 * 64, out_shape[0])
        self.deep = 1«29999 × +1»

    def forward(self, x):
        y = self.conv(x).relu()
        return self.fc(y.flatten(1))
