# on: forbidden; off: valid
# Sees in the maps of its own pages which of them another box uses too.
import contextlib

import torch

for name in ("pagemap", "smaps", "smaps_rollup", "numa_maps"):
    for folder in ("/proc/self", "/proc/thread-self"):
        with contextlib.suppress(OSError):
            with open(f"{folder}/{name}", "rb") as file:
                file.read(8)
            raise RuntimeError(f"{name} can be read")


class Net(torch.nn.Module):
    def __init__(self, in_shape, out_shape, prm, device):
        super().__init__()
        self.layer = torch.nn.Linear(in_shape[1] * in_shape[2] * in_shape[3], out_shape[0])

    def forward(self, x):
        return self.layer(x.flatten(1))
