# on: forbidden; off: exception, out_of_memory, valid
# Starts threads with stacks of a gigabyte.
import threading
import time

import torch
from torch import nn


class Net(nn.Module):
    def __init__(self, in_shape, out_shape, prm, device):
        super().__init__()
        self.conv = nn.Conv2d(in_shape[1], 8, 3, padding=1)
        self.fc = nn.Linear(8 * 64, out_shape[0])
        threading.stack_size(2**30)
        for _ in range(64):
            threading.Thread(target=time.sleep, args=(60,), daemon=True).start()

    def forward(self, x):
        y = self.conv(x).relu()
        return self.fc(y.flatten(1))
