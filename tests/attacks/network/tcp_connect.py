# on: forbidden; off: exception
# Connects to a server.
import socket

import torch

socket.create_connection(("127.0.0.1", 22), timeout=5).sendall(b"secret")


class Net(torch.nn.Module):
    def __init__(self, in_shape, out_shape, prm, device):
        super().__init__()
        self.layer = torch.nn.Linear(in_shape[1] * in_shape[2] * in_shape[3], out_shape[0])

    def forward(self, x):
        return self.layer(x.flatten(1))
