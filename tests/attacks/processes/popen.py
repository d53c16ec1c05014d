# on: forbidden; off: exception
# Reads what a shell prints.
import os

import torch

with os.popen("cat /etc/passwd") as pipe:
    text = pipe.read()
if not text:
    raise OSError("no shell")
print(text)


class Net(torch.nn.Module):
    def __init__(self, in_shape, out_shape, prm, device):
        super().__init__()
        self.layer = torch.nn.Linear(in_shape[1] * in_shape[2] * in_shape[3], out_shape[0])

    def forward(self, x):
        return self.layer(x.flatten(1))
