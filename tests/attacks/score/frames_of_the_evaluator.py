# on: forbidden; off: valid, exception
# Walks up the frames to the trial and prints what it finds: plan, files, arrays.
import sys

import torch
from torch import nn


class Net(nn.Module):
    def __init__(self, in_shape, out_shape, prm, device):
        super().__init__()
        self.conv = nn.Conv2d(in_shape[1], 8, 3, padding=1)
        self.fc = nn.Linear(8 * 64, out_shape[0])

    def forward(self, x):
        y = self.conv(x).relu()
        frame = sys._getframe()
        while frame is not None:
            for name, value in frame.f_locals.items():
                if name in ("plan", "self", "files", "arrays", "payload", "order", "limits"):
                    print(name, str(getattr(value, "__dict__", value))[:2_000])
            frame = frame.f_back
        return self.fc(y.flatten(1))
