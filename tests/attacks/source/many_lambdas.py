# on: too_large; off: too_large
# Has twenty thousand lambdas that are alike, which Python compares with one another when it compiles them.
import torch
from torch import nn


class Net(nn.Module):
    def __init__(self, in_shape, out_shape, prm, device):
        super().__init__()
        self.body = nn.Sequential(nn.Flatten(), nn.Linear(64, out_shape[0]))

    def forward(self, x):
        return self.body(x)


«20000 × lambda:0\n»
