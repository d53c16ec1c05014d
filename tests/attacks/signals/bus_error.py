# on: forbidden; off: killed, exception
# Reads a mapped file beyond its end.
import mmap

import torch

with open("file", "w+b") as file:
    file.truncate(8192)
    block = mmap.mmap(file.fileno(), 8192, mmap.MAP_PRIVATE)
    file.truncate(0)
    print(block[5000])


class Net(torch.nn.Module):
    def __init__(self, in_shape, out_shape, prm, device):
        super().__init__()
        self.layer = torch.nn.Linear(in_shape[1] * in_shape[2] * in_shape[3], out_shape[0])

    def forward(self, x):
        return self.layer(x.flatten(1))
