# on: forbidden; off: valid
# Finds what counts its epochs in the closure of what it iterates over.
import inspect

import torch
from torch import nn


class Net(nn.Module):
    def __init__(self, in_shape, out_shape, prm, device):
        super().__init__()
        self.a, self.b = nn.Linear(64, 32), nn.Linear(32, out_shape[0])

    def forward(self, x):
        return self.b(self.a(x.flatten(1)).relu())

    def train_setup(self, prm):
        self.optimizer = torch.optim.AdamW(self.parameters(), lr=0.01)

    def learn(self, train_data):
        found = inspect.getclosurevars(train_data._Once__iter).nonlocals
        batches, take = found["batches"], found["take"]
        take.__self__.next_epoch(10**9, 10**9)
        for _ in range(100):
            take()
        for _ in range(2):
            for inputs, labels in batches:
                self.optimizer.zero_grad()
                nn.functional.cross_entropy(self(inputs), labels).backward()
                self.optimizer.step()


def supported_hyperparameters():
    return {"lr"}
