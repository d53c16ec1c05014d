# on: forbidden; off: valid
# Locks the data it was given, or Python's own files, against other boxes.
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


for number in (*given(), os.open(os.__file__, os.O_RDONLY)):
    with contextlib.suppress(OSError):
        fcntl.flock(number, fcntl.LOCK_SH | fcntl.LOCK_NB)
        raise RuntimeError("it holds a lock")


class Net(torch.nn.Module):
    def __init__(self, in_shape, out_shape, prm, device):
        super().__init__()
        self.layer = torch.nn.Linear(in_shape[1] * in_shape[2] * in_shape[3], out_shape[0])

    def forward(self, x):
        return self.layer(x.flatten(1))
