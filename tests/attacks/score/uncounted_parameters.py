# on: too_many_parameters, exception; off: too_many_parameters, exception
# Names one of its parameters and keeps silent about the others.
import torch
from torch import nn


class Net(nn.Module):
    def __init__(self, in_shape, out_shape, prm, device):
        super().__init__()
        self.conv = nn.Conv2d(in_shape[1], 8, 3, padding=1)
        self.fc = nn.Linear(8 * 64, out_shape[0])
        self.wide = nn.Linear(512, 2_000)

    def forward(self, x):
        y = self.conv(x).relu()
        y = self.wide(y.flatten(1))[:, :512].view_as(y)
        return self.fc(y.flatten(1))

    def named_parameters(self, *args, **kwargs):
        yield "fc.bias", self.fc.bias

    def parameters(self, recurse=True):
        yield self.fc.bias
