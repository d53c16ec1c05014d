# on: valid, forbidden, exception, name; off: valid, exception, name, not_reproducible
# Replaces operations of torch for everybody.
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


library = torch.library.Library("aten", "IMPL")
library.impl("argmax", lambda self, dim=None, keepdim=False: torch.zeros(len(self), dtype=torch.int64), "CPU")
library.impl("isfinite", lambda self: torch.ones(self.shape, dtype=torch.bool), "CPU")
