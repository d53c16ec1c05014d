# on: valid; off: valid
# Asks six thousand times what something is, each of which had the whole program searched before it ran.
import torch
from torch import nn


class Net(nn.Module):
    def __init__(self, in_shape, out_shape, prm, device):
        super().__init__()
        self.body = nn.Sequential(nn.Flatten(), nn.Linear(64, out_shape[0]))

    def forward(self, x):
        return self.body(x)


«6000 × isinstance(0, int)\n»
