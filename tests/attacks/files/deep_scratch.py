# on: forbidden; off: valid, exception, killed
# Leaves folders nested deeper than any path may be long.
import os

import torch

for _ in range(400):
    os.mkdir("d" * 100)
    os.chdir("d" * 100)


class Net(torch.nn.Module):
    def __init__(self, in_shape, out_shape, prm, device):
        super().__init__()
        self.layer = torch.nn.Linear(in_shape[1] * in_shape[2] * in_shape[3], out_shape[0])

    def forward(self, x):
        return self.layer(x.flatten(1))
