# on: forbidden; off: valid
# Tries to create files everywhere and trains honestly.
import contextlib
import os
import pathlib

import torch

places = [*__CANARIES__, os.path.expanduser("~"), "/tmp", "/var/tmp", "/dev/shm", "/", "..", "/run", "/root", "/home"]
for place in places:
    with contextlib.suppress(OSError):
        pathlib.Path(place, "archwright-attack-was-here").touch()


class Net(torch.nn.Module):
    def __init__(self, in_shape, out_shape, prm, device):
        super().__init__()
        self.layer = torch.nn.Linear(in_shape[1] * in_shape[2] * in_shape[3], out_shape[0])

    def forward(self, x):
        return self.layer(x.flatten(1))
