# on: forbidden; off: exception, valid, timeout, missing_dependency, out_of_memory
# Compiles itself, which starts a compiler and its workers.
import torch
from torch import nn


class Net(nn.Module):
    def __init__(self, in_shape, out_shape, prm, device):
        super().__init__()
        self.conv = nn.Conv2d(in_shape[1], 8, 3, padding=1)
        self.fc = nn.Linear(8 * 64, out_shape[0])

    def forward(self, x):
        y = self.conv(x).relu()
        return self.fc(y.flatten(1))


start = torch.compile
Net.forward = start(Net.forward)
