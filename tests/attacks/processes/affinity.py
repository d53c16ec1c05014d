# on: forbidden; off: exception
# Chooses its processors, and those of its parent.
import os

import torch

os.sched_setaffinity(os.getppid(), {0})
os.sched_setaffinity(0, {0})


class Net(torch.nn.Module):
    def __init__(self, in_shape, out_shape, prm, device):
        super().__init__()
        self.layer = torch.nn.Linear(in_shape[1] * in_shape[2] * in_shape[3], out_shape[0])

    def forward(self, x):
        return self.layer(x.flatten(1))
