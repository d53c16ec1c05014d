# on: forbidden; off: valid
# Pushes pages of a library out of memory, for another box to notice.
import ctypes
import os
import platform

import torch

libc = ctypes.CDLL(None, use_errno=True)
libc.mmap.restype = ctypes.c_void_p
page = ctypes.c_void_p(libc.mmap(None, 4096, 1, 2, os.open(os.__file__, os.O_RDONLY), ctypes.c_long(0)))
x86 = platform.machine() == "x86_64"
for advice in (3, 9, 12, 20, 21, 25):  # WILLNEED REMOVE MERGEABLE COLD PAGEOUT COLLAPSE
    if libc.madvise(page, 4096, advice) == 0:
        raise RuntimeError(f"advice {advice} was taken")


class Net(torch.nn.Module):
    def __init__(self, in_shape, out_shape, prm, device):
        super().__init__()
        self.layer = torch.nn.Linear(in_shape[1] * in_shape[2] * in_shape[3], out_shape[0])

    def forward(self, x):
        return self.layer(x.flatten(1))
