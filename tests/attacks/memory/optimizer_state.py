# on: out_of_memory, too_many_parameters; off: out_of_memory, too_many_parameters
# Adds a large layer in training, after the parameters were counted.
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

    def train_setup(self, prm):
        self.optimizer = torch.optim.SGD(self.parameters(), lr=prm["lr"])

    def learn(self, train_data):
        self.extra = nn.Linear(2**12, 2**13)
        self.optimizer = torch.optim.AdamW(self.parameters())
        for _ in train_data:
            self.extra(torch.ones(1, 2**12)).sum().backward()
            self.optimizer.step()


def supported_hyperparameters():
    return {"lr"}
