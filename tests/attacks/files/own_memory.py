# on: forbidden; off: exception
# Writes into its own memory past every protection of pages.

import torch

with open("/proc/self/mem", "r+b") as memory:
    memory.read(0)


class Net(torch.nn.Module):
    def __init__(self, in_shape, out_shape, prm, device):
        super().__init__()
        self.layer = torch.nn.Linear(in_shape[1] * in_shape[2] * in_shape[3], out_shape[0])

    def forward(self, x):
        return self.layer(x.flatten(1))
