# on: shape; off: shape
# Normalises over a batch of one value per channel.
# at: train:17; says: more than one value per channel
import torch
from torch import nn


class Net(nn.Module):
    def __init__(self, in_shape, out_shape, prm, device):
        super().__init__()
        self.conv = nn.Conv2d(in_shape[1], 8, 3, padding=1)
        self.fc = nn.Linear(8 * 64, out_shape[0])
        self.norm = nn.BatchNorm1d(512)

    def forward(self, x):
        y = self.conv(x).relu()
        return self.fc(self.norm(y.flatten(1)))

    def train_setup(self, prm):
        self.optimizer = torch.optim.SGD(self.parameters(), lr=prm["lr"])

    def learn(self, train_data):
        inputs = next(iter(train_data))[0][:1]
        self(inputs)


def supported_hyperparameters():
    return {"lr"}
