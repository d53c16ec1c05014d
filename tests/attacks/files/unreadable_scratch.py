# on: forbidden; off: valid, exception
# Leaves folders in its scratch folder that nobody may enter.
import os

import torch

os.makedirs("a/b/c")
os.mkdir("shut", 0)
open("a/b/c/file", "w").close()


class Net(torch.nn.Module):
    def __init__(self, in_shape, out_shape, prm, device):
        super().__init__()
        self.layer = torch.nn.Linear(in_shape[1] * in_shape[2] * in_shape[3], out_shape[0])

    def forward(self, x):
        return self.layer(x.flatten(1))
