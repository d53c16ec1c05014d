# on: forbidden; off: exception
# Opens what its parent has open.
import os

import torch

parent = os.getppid() or 2
for number in os.listdir(f"/proc/{parent}/fd"):
    print(open(f"/proc/{parent}/fd/{number}", "rb").read(100))


class Net(torch.nn.Module):
    def __init__(self, in_shape, out_shape, prm, device):
        super().__init__()
        self.layer = torch.nn.Linear(in_shape[1] * in_shape[2] * in_shape[3], out_shape[0])

    def forward(self, x):
        return self.layer(x.flatten(1))
