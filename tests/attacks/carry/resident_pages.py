# on: forbidden; off: valid
# Asks which pages of a library are in memory, where another box has read them.
import contextlib
import ctypes
import os
import platform

import torch

libc = ctypes.CDLL(None, use_errno=True)
libc.mmap.restype = ctypes.c_void_p
page = ctypes.c_void_p(libc.mmap(None, 4096, 1, 2, os.open(os.__file__, os.O_RDONLY), ctypes.c_long(0)))
x86 = platform.machine() == "x86_64"
file = os.open(torch.__file__, os.O_RDONLY)
words = (ctypes.c_uint64 * 8)()
calls = (
    (27, 232, page, 4096, words),
    (451, 451, file, words, words, 0),
    (327, 286, file, words, 0, 0, 0, 8),
    (187, 213, file, ctypes.c_long(0), 4096),
    (221, 223, file, ctypes.c_long(0), ctypes.c_long(4096), 4),
)
for on_x86, on_arm, *arguments in calls:
    if libc.syscall(on_x86 if x86 else on_arm, *arguments) >= 0:
        raise RuntimeError(f"{on_x86} was answered")


class Net(torch.nn.Module):
    def __init__(self, in_shape, out_shape, prm, device):
        super().__init__()
        self.layer = torch.nn.Linear(in_shape[1] * in_shape[2] * in_shape[3], out_shape[0])

    def forward(self, x):
        return self.layer(x.flatten(1))
