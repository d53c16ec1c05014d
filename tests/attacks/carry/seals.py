# on: forbidden; off: valid
# Adds seals to what it was given, which stay when it is gone.
import contextlib
import fcntl
import os

import torch


def given():
    found = []
    for number in range(3, 64):
        with contextlib.suppress(OSError):
            if os.fstat(number).st_nlink == 0:
                found.append(number)
    return found


for number in given():
    for seal in (0x1, 0x10, 0x20):
        with contextlib.suppress(OSError):
            fcntl.fcntl(number, 1033, seal)
            raise RuntimeError("it added a seal")


class Net(torch.nn.Module):
    def __init__(self, in_shape, out_shape, prm, device):
        super().__init__()
        self.layer = torch.nn.Linear(in_shape[1] * in_shape[2] * in_shape[3], out_shape[0])

    def forward(self, x):
        return self.layer(x.flatten(1))
