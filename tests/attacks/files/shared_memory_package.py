# on: forbidden; off: exception
# Makes a block of shared memory that outlives it.
import multiprocessing.shared_memory

import torch

block = multiprocessing.shared_memory.SharedMemory("archwright-attack", create=True, size=4096)
block.buf[0] = 1


class Net(torch.nn.Module):
    def __init__(self, in_shape, out_shape, prm, device):
        super().__init__()
        self.layer = torch.nn.Linear(in_shape[1] * in_shape[2] * in_shape[3], out_shape[0])

    def forward(self, x):
        return self.layer(x.flatten(1))
