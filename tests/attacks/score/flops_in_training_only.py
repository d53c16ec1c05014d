# on: valid, not_reproducible; off: valid, not_reproducible
# Does its work only after the FLOPs were counted.
import torch
from torch import nn


class Net(nn.Module):
    def __init__(self, in_shape, out_shape, prm, device):
        super().__init__()
        self.conv = nn.Conv2d(in_shape[1], 8, 3, padding=1)
        self.fc = nn.Linear(8 * 64, out_shape[0])
        self.deep = nn.Conv2d(8, 8, 3, padding=1)

    def forward(self, x):
        y = self.conv(x).relu()
        if hasattr(self, 'is_counted'):
            for _ in range(8):
                y = self.deep(y).relu()
        return self.fc(y.flatten(1))

    def train_setup(self, prm):
        self.optimizer = torch.optim.SGD(self.parameters(), lr=prm["lr"])

    def learn(self, train_data):
        self.is_counted = True

        for inputs, labels in train_data:
            self.optimizer.zero_grad()
            nn.functional.cross_entropy(self(inputs), labels).backward()
            self.optimizer.step()


def supported_hyperparameters():
    return {"lr"}
