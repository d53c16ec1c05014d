# on: forbidden; off: exception
# Uses the kernel's cryptography, a way into its less tested parts.
import socket

import torch

socket.socket(38, socket.SOCK_SEQPACKET, 0).bind(("hash", "sha256"))


class Net(torch.nn.Module):
    def __init__(self, in_shape, out_shape, prm, device):
        super().__init__()
        self.layer = torch.nn.Linear(in_shape[1] * in_shape[2] * in_shape[3], out_shape[0])

    def forward(self, x):
        return self.layer(x.flatten(1))
