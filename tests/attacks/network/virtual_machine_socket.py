# on: forbidden; off: exception
# Talks to the host of a virtual machine.
import socket

import torch

socket.socket(socket.AF_VSOCK, socket.SOCK_STREAM).connect((2, 1024))


class Net(torch.nn.Module):
    def __init__(self, in_shape, out_shape, prm, device):
        super().__init__()
        self.layer = torch.nn.Linear(in_shape[1] * in_shape[2] * in_shape[3], out_shape[0])

    def forward(self, x):
        return self.layer(x.flatten(1))
