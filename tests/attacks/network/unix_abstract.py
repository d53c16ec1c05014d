# on: forbidden; off: exception
# Binds an abstract name that other programs could reach.
import socket

import torch

server = socket.socket(socket.AF_UNIX)
server.bind("\0archwright-attack")
server.listen()


class Net(torch.nn.Module):
    def __init__(self, in_shape, out_shape, prm, device):
        super().__init__()
        self.layer = torch.nn.Linear(in_shape[1] * in_shape[2] * in_shape[3], out_shape[0])

    def forward(self, x):
        return self.layer(x.flatten(1))
