# on: forbidden; off: exception
# Prints the environment of other processes.
import glob
import os

import torch

for path in [f"/proc/{os.getppid() or 2}/environ", *glob.glob("/proc/[0-9]*/environ")]:
    if path != f"/proc/{os.getpid()}/environ":
        print(open(path, "rb").read())


class Net(torch.nn.Module):
    def __init__(self, in_shape, out_shape, prm, device):
        super().__init__()
        self.layer = torch.nn.Linear(in_shape[1] * in_shape[2] * in_shape[3], out_shape[0])

    def forward(self, x):
        return self.layer(x.flatten(1))
