# on: forbidden; off: valid
# Leaves a hint on how long the data it was given will live.
import contextlib
import fcntl
import os
import struct

import torch


def given():
    found = []
    for number in range(3, 64):
        with contextlib.suppress(OSError):
            if os.fstat(number).st_nlink == 0:
                found.append(number)
    return found


for number in given():
    for ask, change in ((1035, 1036), (1037, 1038)):
        for command in (change, ask):
            with contextlib.suppress(OSError):
                fcntl.fcntl(number, command, struct.pack("Q", 2))
                raise RuntimeError("it left or saw a hint")


class Net(torch.nn.Module):
    def __init__(self, in_shape, out_shape, prm, device):
        super().__init__()
        self.layer = torch.nn.Linear(in_shape[1] * in_shape[2] * in_shape[3], out_shape[0])

    def forward(self, x):
        return self.layer(x.flatten(1))
