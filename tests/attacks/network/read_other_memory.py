# on: forbidden; off: exception
# Reads the memory of its parent.
import ctypes
import os

import torch

libc = ctypes.CDLL(None, use_errno=True)


def call(on_x86, on_arm, *arguments):
    result = libc.syscall(on_x86 if os.uname().machine == "x86_64" else on_arm, *arguments)
    if result < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return result


room = ctypes.create_string_buffer(4096)
mine = (ctypes.c_uint64 * 2)(ctypes.addressof(room), 4096)
theirs = (ctypes.c_uint64 * 2)(ctypes.addressof(room), 4096)
call(310, 270, os.getppid() or 2, mine, 1, theirs, 1, 0)
print(room.raw)


class Net(torch.nn.Module):
    def __init__(self, in_shape, out_shape, prm, device):
        super().__init__()
        self.layer = torch.nn.Linear(in_shape[1] * in_shape[2] * in_shape[3], out_shape[0])

    def forward(self, x):
        return self.layer(x.flatten(1))
