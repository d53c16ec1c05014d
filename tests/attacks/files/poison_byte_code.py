# on: forbidden; off: exception
# Writes byte code of its own beside our sources.
import archwright.candidate
import importlib.util

import torch

with open(importlib.util.cache_from_source(archwright.candidate.__file__), "wb") as file:
    file.write(b"poison")


class Net(torch.nn.Module):
    def __init__(self, in_shape, out_shape, prm, device):
        super().__init__()
        self.layer = torch.nn.Linear(in_shape[1] * in_shape[2] * in_shape[3], out_shape[0])

    def forward(self, x):
        return self.layer(x.flatten(1))
