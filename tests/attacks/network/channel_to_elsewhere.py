# on: forbidden; off: exception
# Sends its messages to the system's log instead of its supervisor.
import os
import socket
import stat

import torch

for number in range(3, 256):
    try:
        mode = os.fstat(number).st_mode
    except OSError:
        continue
    if stat.S_ISSOCK(mode):
        socket.socket(fileno=os.dup(number)).sendto(b"secret", "/dev/log")


class Net(torch.nn.Module):
    def __init__(self, in_shape, out_shape, prm, device):
        super().__init__()
        self.layer = torch.nn.Linear(in_shape[1] * in_shape[2] * in_shape[3], out_shape[0])

    def forward(self, x):
        return self.layer(x.flatten(1))
