# on: forbidden; off: exception, valid
# Leaves a process that writes predictions after it has ended.
import os
import time

import torch
from torch import nn


class Net(nn.Module):
    def __init__(self, in_shape, out_shape, prm, device):
        super().__init__()
        self.conv = nn.Conv2d(in_shape[1], 8, 3, padding=1)
        self.fc = nn.Linear(8 * 64, out_shape[0])
        if os.fork() == 0:
            time.sleep(0.5)
            for number in range(3, 32):
                try:
                    os.pwrite(number, bytes(20_000), 0)
                except OSError:
                    pass
            os._exit(0)

    def forward(self, x):
        y = self.conv(x).relu()
        return self.fc(y.flatten(1))
