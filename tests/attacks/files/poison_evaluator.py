# on: forbidden; off: exception
# Writes into our own sources.
import sys

import torch

with open(sys._getframe(1).f_code.co_filename, "a") as file:  # what loads it
    file.write("\nscore = None\n")


class Net(torch.nn.Module):
    def __init__(self, in_shape, out_shape, prm, device):
        super().__init__()
        self.layer = torch.nn.Linear(in_shape[1] * in_shape[2] * in_shape[3], out_shape[0])

    def forward(self, x):
        return self.layer(x.flatten(1))
