# on: forbidden; off: exception
# Asks the file system to change the flags of a file it may read.
import fcntl
import os

import torch

number = os.open(os.__file__, os.O_RDONLY)
flags = bytearray(8)
fcntl.ioctl(number, 0x80086601, flags)
fcntl.ioctl(number, 0x40086602, bytes(flags))


class Net(torch.nn.Module):
    def __init__(self, in_shape, out_shape, prm, device):
        super().__init__()
        self.layer = torch.nn.Linear(in_shape[1] * in_shape[2] * in_shape[3], out_shape[0])

    def forward(self, x):
        return self.layer(x.flatten(1))
