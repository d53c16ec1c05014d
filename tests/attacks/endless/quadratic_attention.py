# on: timeout, out_of_memory; off: timeout, out_of_memory
# Attends from every value of the batch to every other, again and again.
import torch
from torch import nn


class Net(nn.Module):
    def __init__(self, in_shape, out_shape, prm, device):
        super().__init__()
        self.conv = nn.Conv2d(in_shape[1], 8, 3, padding=1)
        self.fc = nn.Linear(8 * 64, out_shape[0])
        self.query = nn.Linear(1, 64)

    def forward(self, x):
        y = self.conv(x).relu()
        values = self.query(y.reshape(-1, 1))
        for _ in range(100):
            values = (values @ values.T).softmax(1) @ values
        y = y + values.mean()
        return self.fc(y.flatten(1))
