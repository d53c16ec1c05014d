# on: forbidden; off: exception
# Moves a file of its own over the canaries.
import os

import torch

with open("mine", "w") as file:
    file.write("changed")
for folder in __CANARIES__:
    os.replace("mine", f"{folder}/data.bin")


class Net(torch.nn.Module):
    def __init__(self, in_shape, out_shape, prm, device):
        super().__init__()
        self.layer = torch.nn.Linear(in_shape[1] * in_shape[2] * in_shape[3], out_shape[0])

    def forward(self, x):
        return self.layer(x.flatten(1))
