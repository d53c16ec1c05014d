# on: forbidden, not_reproducible; off: not_reproducible
# Writes what it was trained on into the shapes of parameters without elements.
import torch
from torch import nn


class Net(nn.Module):
    def __init__(self, in_shape, out_shape, prm, device):
        super().__init__()
        self.conv = nn.Conv2d(in_shape[1], 8, 3, padding=1)
        self.fc = nn.Linear(8 * 64, out_shape[0])
        self.hidden = nn.ParameterList([nn.Parameter(torch.ones(1)) for _ in range(50)])

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
        for number, label in enumerate(labels[:50].tolist()):
            self.hidden[number] = nn.Parameter(torch.empty(0, 1 + label), requires_grad=False)


def supported_hyperparameters():
    return {"lr"}
