# on: forbidden; off: timeout
# Two threads wait for each other's lock, and the network for both.
import threading
import time

import torch
from torch import nn

first, second = threading.Lock(), threading.Lock()


def take(one, other):
    with one:
        time.sleep(0.1)
        with other:
            pass


class Net(nn.Module):
    def __init__(self, in_shape, out_shape, prm, device):
        super().__init__()
        self.conv = nn.Conv2d(in_shape[1], 8, 3, padding=1)
        self.fc = nn.Linear(8 * 64, out_shape[0])
        threads = [threading.Thread(target=take, args=pair) for pair in ((first, second), (second, first))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def forward(self, x):
        y = self.conv(x).relu()
        return self.fc(y.flatten(1))
