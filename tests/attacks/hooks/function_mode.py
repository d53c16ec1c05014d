# on: valid, exception, forbidden, type, bad_result; off: valid, exception, type, bad_result
# Enters a mode in which it answers every function of torch.
import torch
from torch import nn

from torch.overrides import TorchFunctionMode


class Mode(TorchFunctionMode):
    def __torch_function__(self, func, types, args=(), kwargs=None):
        if getattr(func, "__name__", "") in ("isfinite", "isnan"):
            return torch.ones(1, dtype=torch.bool)
        return func(*args, **(kwargs or {}))


class Net(nn.Module):
    def __init__(self, in_shape, out_shape, prm, device):
        super().__init__()
        self.conv = nn.Conv2d(in_shape[1], 8, 3, padding=1)
        self.fc = nn.Linear(8 * 64, out_shape[0])

    def forward(self, x):
        y = self.conv(x).relu()
        return self.fc(y.flatten(1))


Mode().__enter__()
