# on: forbidden; off: too_many_parameters
# Replaces the byte code of the evaluator's own functions.
import sys

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


def nothing(self, *args, **kwargs):
    return None


frame = sys._getframe()
while "BoxTrial" not in frame.f_globals:
    frame = frame.f_back
trial = frame.f_globals["BoxTrial"]
for name in ("_check_budget", "_check_finite", "_check_output"):
    getattr(trial, name).__code__ = nothing.__code__
