# on: forbidden; off: killed, exception
# Starts threads with the smallest stacks there are, in C.
import ctypes
import os
import time

import torch

libc = ctypes.CDLL(None, use_errno=True)
attributes = ctypes.create_string_buffer(64)
libc.pthread_attr_init(attributes)
libc.pthread_attr_setstacksize(attributes, ctypes.c_size_t(2**15))
sleep = ctypes.cast(libc.pause, ctypes.c_void_p)
while True:
    if libc.pthread_create(ctypes.byref(ctypes.c_ulong()), attributes, sleep, None) != 0:
        raise OSError("no more threads")


class Net(torch.nn.Module):
    def __init__(self, in_shape, out_shape, prm, device):
        super().__init__()
        self.layer = torch.nn.Linear(in_shape[1] * in_shape[2] * in_shape[3], out_shape[0])

    def forward(self, x):
        return self.layer(x.flatten(1))
