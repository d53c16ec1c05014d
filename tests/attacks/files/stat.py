# on: forbidden; off: valid, exception
# Asks for sizes and times of files it may not read, which no layer hides.
import contextlib
import os

import torch

for folder in __CANARIES__:
    with contextlib.suppress(OSError):
        print(os.stat(f"{folder}/secret.txt").st_size)


class Net(torch.nn.Module):
    def __init__(self, in_shape, out_shape, prm, device):
        super().__init__()
        self.layer = torch.nn.Linear(in_shape[1] * in_shape[2] * in_shape[3], out_shape[0])

    def forward(self, x):
        return self.layer(x.flatten(1))
