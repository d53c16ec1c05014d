# on: forbidden; off: exception
# Reads the labels of the data set from the package it comes with.
import gzip
import importlib.util
import os

import torch

folder = os.path.dirname(importlib.util.find_spec("sklearn").origin)
print(gzip.open(os.path.join(folder, "datasets", "data", "digits.csv.gz")).read()[-4000:])


class Net(torch.nn.Module):
    def __init__(self, in_shape, out_shape, prm, device):
        super().__init__()
        self.layer = torch.nn.Linear(in_shape[1] * in_shape[2] * in_shape[3], out_shape[0])

    def forward(self, x):
        return self.layer(x.flatten(1))
