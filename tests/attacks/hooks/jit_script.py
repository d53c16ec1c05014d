# on: valid, exception, forbidden, not_reproducible, type, timeout; off: valid, exception, type, not_reproducible, timeout
# Turns its layers into a script of torch's own compiler.
import torch
from torch import nn


class Net(nn.Module):
    def __init__(self, in_shape, out_shape, prm, device):
        super().__init__()
        self.conv = nn.Conv2d(in_shape[1], 8, 3, padding=1)
        self.fc = nn.Linear(8 * 64, out_shape[0])
        if not torch.empty(0).is_meta:
            self.conv = torch.jit.script(self.conv)

    def forward(self, x):
        y = self.conv(x).relu()
        return self.fc(y.flatten(1))
