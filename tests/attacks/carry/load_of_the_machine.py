# on: forbidden; off: valid
# Sees in the state of the whole machine what other boxes do.
import contextlib
import ctypes
import os

import torch

for path in ("/proc/meminfo", "/proc/stat", "/proc/loadavg", "/proc/vmstat", "/proc/locks", "/proc/pressure/cpu"):
    with contextlib.suppress(OSError):
        with open(path) as file:
            file.read(8)
        raise RuntimeError(f"{path} can be read")
if ctypes.CDLL(None).sysinfo(bytes(200)) == 0:
    raise RuntimeError("the system tells its load")
with contextlib.suppress(OSError):
    os.statvfs("/")
    raise RuntimeError("the system tells what is on the disk")


class Net(torch.nn.Module):
    def __init__(self, in_shape, out_shape, prm, device):
        super().__init__()
        self.layer = torch.nn.Linear(in_shape[1] * in_shape[2] * in_shape[3], out_shape[0])

    def forward(self, x):
        return self.layer(x.flatten(1))
