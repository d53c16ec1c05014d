# on: timeout; off: timeout
# Behaves until its weights are collected, then lists its members without end.
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

    def _named_members(self, *args, **kwargs):
        yield from super()._named_members(*args, **kwargs)
        while hasattr(self, "is_trained"):
            pass

    def train_setup(self, prm):
        self.optimizer = torch.optim.SGD(self.parameters(), lr=prm["lr"])

    def learn(self, train_data):
        for inputs, labels in train_data:
            self.optimizer.zero_grad()
            nn.functional.cross_entropy(self(inputs), labels).backward()
            self.optimizer.step()

        self.is_trained = True


def supported_hyperparameters():
    return {"lr"}
