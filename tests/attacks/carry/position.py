# on: forbidden; off: valid
# Leaves a message in the position of the data it was given, and reads what another box left there.
import contextlib
import os
import time

import torch


def given():
    found = []
    for number in range(3, 64):
        with contextlib.suppress(OSError):
            if os.fstat(number).st_nlink == 0:
                found.append(number)
    return found


own = time.monotonic_ns() % 2**30 + 2**40
for number in given():
    os.lseek(number, own, os.SEEK_SET)
for _ in range(40):
    time.sleep(0.01)
    for number in given():
        place = os.lseek(number, 0, os.SEEK_CUR)
        if place != own and place > 2**40:
            raise RuntimeError(f"another box left {place}")


class Net(torch.nn.Module):
    def __init__(self, in_shape, out_shape, prm, device):
        super().__init__()
        self.layer = torch.nn.Linear(in_shape[1] * in_shape[2] * in_shape[3], out_shape[0])

    def forward(self, x):
        return self.layer(x.flatten(1))
