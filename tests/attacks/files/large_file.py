# on: forbidden; off: exception, killed
# Writes a file larger than it may.

import torch

with open("large", "wb") as file:
    for _ in range(1_000):
        file.write(bytes(2**20))


class Net(torch.nn.Module):
    def __init__(self, in_shape, out_shape, prm, device):
        super().__init__()
        self.layer = torch.nn.Linear(in_shape[1] * in_shape[2] * in_shape[3], out_shape[0])

    def forward(self, x):
        return self.layer(x.flatten(1))
