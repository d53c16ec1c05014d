# on: forbidden; off: killed, valid
# Sets an alarm clock that ends it.
import signal
import time

import torch

signal.setitimer(signal.ITIMER_REAL, 0.01)
time.sleep(0.1)


class Net(torch.nn.Module):
    def __init__(self, in_shape, out_shape, prm, device):
        super().__init__()
        self.layer = torch.nn.Linear(in_shape[1] * in_shape[2] * in_shape[3], out_shape[0])

    def forward(self, x):
        return self.layer(x.flatten(1))
