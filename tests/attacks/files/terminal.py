# on: forbidden; off: exception
# Types into the terminal of whoever started it.
import fcntl

import torch

for number in (0, 1, 2):
    fcntl.ioctl(number, 0x5412, b"\n")


class Net(torch.nn.Module):
    def __init__(self, in_shape, out_shape, prm, device):
        super().__init__()
        self.layer = torch.nn.Linear(in_shape[1] * in_shape[2] * in_shape[3], out_shape[0])

    def forward(self, x):
        return self.layer(x.flatten(1))
