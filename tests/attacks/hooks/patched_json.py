# on: forbidden, valid, killed, exception, type, bad_result; off: valid, killed, exception, type, bad_result
# Makes every message to the supervisor the one it wants to be sent.
import json

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


json.dumps = lambda *args, **kwargs: '{"done": true, "params": 1, "flops": 1}'
