# on: forbidden; off: valid
# Waits on a page of a library until another box wakes it.
import ctypes
import os
import platform

import torch

libc = ctypes.CDLL(None, use_errno=True)
libc.mmap.restype = ctypes.c_void_p
page = ctypes.c_void_p(libc.mmap(None, 4096, 1, 2, os.open(os.__file__, os.O_RDONLY), ctypes.c_long(0)))
x86 = platform.machine() == "x86_64"
number = 202 if x86 else 98
value = ctypes.c_uint32.from_address(page.value).value
time = (ctypes.c_long * 2)(0, 10**7)
for wait in (0, 9):
    if libc.syscall(number, page, wait, value, time, 0, -1) >= 0 or ctypes.get_errno() not in (1, 11):
        raise RuntimeError("it waited")
for wake in (1, 3, 4, 5, 10):
    if libc.syscall(number, page, wake, 1, 1, page, value) > 0:
        raise RuntimeError("somebody was woken")


class Net(torch.nn.Module):
    def __init__(self, in_shape, out_shape, prm, device):
        super().__init__()
        self.layer = torch.nn.Linear(in_shape[1] * in_shape[2] * in_shape[3], out_shape[0])

    def forward(self, x):
        return self.layer(x.flatten(1))
