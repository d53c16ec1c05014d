# on: forbidden; off: valid
# Reads where the links of the user lead.
import contextlib
import os

import torch

for path in ("/proc/self/exe", "/proc/self/cwd", "/lib", os.path.expanduser("~/.config")):
    with contextlib.suppress(OSError):
        os.readlink(path)
        raise RuntimeError("it was told where a link leads")


class Net(torch.nn.Module):
    def __init__(self, in_shape, out_shape, prm, device):
        super().__init__()
        self.layer = torch.nn.Linear(in_shape[1] * in_shape[2] * in_shape[3], out_shape[0])

    def forward(self, x):
        return self.layer(x.flatten(1))
