# on: killed, exception; off: killed, exception
# Recurses until the stack of C is used up.
import sys

import torch

sys.setrecursionlimit(50_000)


def deeper(x):
    return deeper(x) + [deeper(x)]


deeper(0)


class Net(torch.nn.Module):
    def __init__(self, in_shape, out_shape, prm, device):
        super().__init__()
        self.layer = torch.nn.Linear(in_shape[1] * in_shape[2] * in_shape[3], out_shape[0])

    def forward(self, x):
        return self.layer(x.flatten(1))
