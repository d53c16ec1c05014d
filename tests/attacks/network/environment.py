# on: forbidden; off: valid
# Prints every variable of its environment.
import os

import torch

print(dict(os.environ), os.environb)
print(open("/proc/self/environ", "rb").read())
print(open("/proc/self/cmdline", "rb").read())


class Net(torch.nn.Module):
    def __init__(self, in_shape, out_shape, prm, device):
        super().__init__()
        self.layer = torch.nn.Linear(in_shape[1] * in_shape[2] * in_shape[3], out_shape[0])

    def forward(self, x):
        return self.layer(x.flatten(1))
