# on: exception; off: exception
# Chooses in a way that has no gradient.
# at: train; says: some output must depend on a parameter
import torch
from torch import nn


class Net(nn.Module):
    def __init__(self, in_shape, out_shape, prm, device):
        super().__init__()
        self.conv = nn.Conv2d(in_shape[1], 8, 3, padding=1)
        self.fc = nn.Linear(8 * 64, out_shape[0])

    def forward(self, x):
        y = self.conv(x).relu()
        return nn.functional.one_hot(self.fc(y.flatten(1)).argmax(1), 10).float()
