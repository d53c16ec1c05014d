# on: forbidden; off: killed, exception
# Makes a call of x32 programs, which have other numbers.
import ctypes
import mmap
import os

import torch

if os.uname().machine != "x86_64":
    raise OSError("only on x86-64")
page = mmap.mmap(-1, 4096, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS, 7)
page.write(b"\xb8\x39\x00\x00\x40\x0f\x05\xc3")  # mov eax, 0x40000039 (fork); syscall; ret
number = ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(page)))()
if number < 0:
    raise OSError(-number, os.strerror(-number))


class Net(torch.nn.Module):
    def __init__(self, in_shape, out_shape, prm, device):
        super().__init__()
        self.layer = torch.nn.Linear(in_shape[1] * in_shape[2] * in_shape[3], out_shape[0])

    def forward(self, x):
        return self.layer(x.flatten(1))
