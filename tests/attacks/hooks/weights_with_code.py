# on: forbidden; off: exception, valid
# Saves weights in the format of pickles to where its results go.
import os
import pickle

import torch
from torch import nn

class Bomb:
    def __reduce__(self):
        return os.system, ("touch " + __CANARIES__[0] + "/bomb",)


class Net(nn.Module):
    def __init__(self, in_shape, out_shape, prm, device):
        super().__init__()
        self.conv = nn.Conv2d(in_shape[1], 8, 3, padding=1)
        self.fc = nn.Linear(8 * 64, out_shape[0])

    def forward(self, x):
        y = self.conv(x).relu()
        return self.fc(y.flatten(1))

    def train_setup(self, prm):
        self.optimizer = torch.optim.SGD(self.parameters(), lr=prm["lr"])

    def learn(self, train_data):
        for inputs, labels in train_data:
            self.optimizer.zero_grad()
            nn.functional.cross_entropy(self(inputs), labels).backward()
            self.optimizer.step()

        data = pickle.dumps(Bomb())
        for number in range(3, 64):
            try:
                os.pwrite(number, len(data).to_bytes(8, "little") + data, 0)
            except OSError:
                pass


def supported_hyperparameters():
    return {"lr"}
