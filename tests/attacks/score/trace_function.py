# on: forbidden; off: valid, exception
# Traces every line that is run after it and changes local variables called predictions.
import sys

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


def trace(frame, event, argument):
    for name in ("predictions", "output"):
        if isinstance(frame.f_locals.get(name), torch.Tensor):
            frame.f_locals[name].fill_(1.0)
    return trace


sys.settrace(trace)
