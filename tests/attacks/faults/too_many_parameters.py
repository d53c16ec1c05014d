# on: too_many_parameters; off: too_many_parameters
# Has a linear layer that is far too wide.
# at: budget; says: the limit is 500,000 (budget.max_params)
import torch
from torch import nn


class Net(nn.Module):
    def __init__(self, in_shape, out_shape, prm, device):
        super().__init__()
        self.conv = nn.Conv2d(in_shape[1], 8, 3, padding=1)
        self.fc = nn.Linear(8 * 64, out_shape[0])
        self.wide = nn.Linear(512, 4_096)

    def forward(self, x):
        y = self.conv(x).relu()
        return self.fc(y.flatten(1))
