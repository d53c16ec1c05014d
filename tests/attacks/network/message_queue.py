# on: forbidden; off: exception
# Makes a message queue that outlives it.
import ctypes
import os

import torch

libc = ctypes.CDLL(None, use_errno=True)


def call(on_x86, on_arm, *arguments):
    result = libc.syscall(on_x86 if os.uname().machine == "x86_64" else on_arm, *arguments)
    if result < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return result


call(68, 186, 0x5EC12E7, 0o1666)


class Net(torch.nn.Module):
    def __init__(self, in_shape, out_shape, prm, device):
        super().__init__()
        self.layer = torch.nn.Linear(in_shape[1] * in_shape[2] * in_shape[3], out_shape[0])

    def forward(self, x):
        return self.layer(x.flatten(1))
