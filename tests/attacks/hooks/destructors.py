# on: forbidden, valid; off: valid, killed, exception
# Leaves objects whose destructors end the process when it cleans up.
import sys

import torch
from torch import nn

class Undying:
    def __del__(self):
        sys.modules["os"]._exit(3)


class Net(nn.Module):
    def __init__(self, in_shape, out_shape, prm, device):
        super().__init__()
        self.conv = nn.Conv2d(in_shape[1], 8, 3, padding=1)
        self.fc = nn.Linear(8 * 64, out_shape[0])
        self.undying = Undying()

    def forward(self, x):
        y = self.conv(x).relu()
        return self.fc(y.flatten(1))
