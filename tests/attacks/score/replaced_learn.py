# on: forbidden, valid; off: valid
# Puts a loop of many epochs in the place of the standard one on every network.
import torch
from torch import nn


class Net(nn.Module):
    def __init__(self, in_shape, out_shape, prm, device):
        super().__init__()
        self.conv = nn.Conv2d(in_shape[1], 8, 3, padding=1)
        self.fc = nn.Linear(8 * 64, out_shape[0])
        def learn(train_data):
            for _ in range(20):
                type(self).learn(self, train_data)

        object.__setattr__(self, "learn", learn)

    def forward(self, x):
        y = self.conv(x).relu()
        return self.fc(y.flatten(1))
