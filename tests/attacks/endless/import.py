# on: timeout; off: timeout
# Never ends while it is imported.
import torch
from torch import nn

while True:
    pass


class Net(nn.Module):
    def __init__(self, in_shape, out_shape, prm, device):
        super().__init__()
        self.fc = nn.Linear(64, out_shape[0])

    def forward(self, x):
        return self.fc(x.flatten(1))
