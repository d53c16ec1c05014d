# on: out_of_memory; off: out_of_memory
# Reserves memory in pieces within the limit, then touches every page of them.
import torch
from torch import nn


class Net(nn.Module):
    def __init__(self, in_shape, out_shape, prm, device):
        super().__init__()
        self.conv = nn.Conv2d(in_shape[1], 8, 3, padding=1)
        self.fc = nn.Linear(8 * 64, out_shape[0])
        self.reserved = [torch.empty(2**25, device="cpu") for _ in range(4)]
        for piece in self.reserved:
            piece[::1024] = 1

    def forward(self, x):
        y = self.conv(x).relu()
        return self.fc(y.flatten(1))
