# on: forbidden; off: exception
# Reads through the root folder of other processes.
import os

import torch

print(open(f"/proc/{os.getppid() or 2}/root/etc/passwd").read())


class Net(torch.nn.Module):
    def __init__(self, in_shape, out_shape, prm, device):
        super().__init__()
        self.layer = torch.nn.Linear(in_shape[1] * in_shape[2] * in_shape[3], out_shape[0])

    def forward(self, x):
        return self.layer(x.flatten(1))
