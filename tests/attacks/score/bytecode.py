# on: forbidden; off: valid, exception, bad_result
# Replaces the byte code of the evaluator's own functions.
import gc
import types

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


def nothing(self, *args, **kwargs):
    return None


for function in gc.get_objects():
    if isinstance(function, types.FunctionType) and function.__name__ in ("_check_budget", "_check_finite", "_check_output"):
        if not function.__code__.co_freevars:
            function.__code__ = nothing.__code__.replace(co_name=function.__name__)
