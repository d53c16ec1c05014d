# on: forbidden; off: exception
# Makes a second name for a secret in its scratch folder.
import os

import torch

for folder in __CANARIES__:
    os.link(f"{folder}/secret.txt", "mine")
    print(open("mine").read())


class Net(torch.nn.Module):
    def __init__(self, in_shape, out_shape, prm, device):
        super().__init__()
        self.layer = torch.nn.Linear(in_shape[1] * in_shape[2] * in_shape[3], out_shape[0])

    def forward(self, x):
        return self.layer(x.flatten(1))
