# on: valid; off: valid
# Looks attributes up by text four thousand times, each of which was compared with every call before it ran.
from operator import attrgetter

import torch
from torch import nn


class Net(nn.Module):
    def __init__(self, in_shape, out_shape, prm, device):
        super().__init__()
        self.body = nn.Sequential(nn.Flatten(), nn.Linear(64, out_shape[0]))

    def forward(self, x):
        return self.body(x)


«4000 × attrgetter("real")(0)\n»
