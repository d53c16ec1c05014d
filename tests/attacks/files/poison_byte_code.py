# on: forbidden; off: exception
# Writes byte code of its own beside our sources.
import importlib.util
import sys

import torch

with open(importlib.util.cache_from_source(sys._getframe(1).f_code.co_filename), "wb") as file:  # of what loads it
    file.write(b"poison")


class Net(torch.nn.Module):
    def __init__(self, in_shape, out_shape, prm, device):
        super().__init__()
        self.layer = torch.nn.Linear(in_shape[1] * in_shape[2] * in_shape[3], out_shape[0])

    def forward(self, x):
        return self.layer(x.flatten(1))
