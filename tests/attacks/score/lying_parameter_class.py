# on: not_reproducible, forbidden; off: not_reproducible
# Has parameters of a class of its own, which tells what it is compared with.
import torch
from torch import nn


class Liar(nn.Parameter):
    @property
    def shape(self):
        return torch.Size([1])

    def copy_(self, other, *arguments):
        return self



class Net(nn.Module):
    def __init__(self, in_shape, out_shape, prm, device):
        super().__init__()
        self.conv = nn.Conv2d(in_shape[1], 8, 3, padding=1)
        self.fc = nn.Linear(8 * 64, out_shape[0])
        self.hidden = nn.Parameter(torch.ones(3))
        self.hidden.__class__ = Liar

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


def supported_hyperparameters():
    return {"lr"}
