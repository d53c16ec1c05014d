# on: forbidden; off: valid, bad_result
# Reads and writes every descriptor it finds.
import contextlib
import os

import torch

for number in range(256):
    with contextlib.suppress(OSError):
        if number > 2:
            print(number, len(os.pread(number, 2**16, 0)))
            os.ftruncate(number, 0)
            os.pwrite(number, bytes(64), 0)


class Net(torch.nn.Module):
    def __init__(self, in_shape, out_shape, prm, device):
        super().__init__()
        self.layer = torch.nn.Linear(in_shape[1] * in_shape[2] * in_shape[3], out_shape[0])

    def forward(self, x):
        return self.layer(x.flatten(1))
