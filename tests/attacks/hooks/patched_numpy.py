# on: shape, valid, exception, bad_result; off: shape, valid, exception, bad_result
# Makes the memory of the predictions another one.
import numpy

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


buffer = numpy.zeros(100_000, dtype=numpy.float32)
numpy.frombuffer = lambda *args, **kwargs: buffer[: 500 * 10]
