# on: out_of_memory, timeout; off: out_of_memory, timeout
# Keeps the graph of every batch by adding up losses.
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
        total = torch.zeros(())
        for inputs, labels in train_data:
            while True:
                total = total + nn.functional.cross_entropy(self(inputs.repeat(8, 1, 1, 1)), labels.repeat(8))


def supported_hyperparameters():
    return {"lr"}
