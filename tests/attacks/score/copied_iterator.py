# on: too_many_epochs; off: too_many_epochs
# Goes through copies of the training data.
import torch
from torch import nn
import torch.nn.functional as F


class Net(nn.Module):
    def __init__(self, in_shape, out_shape, prm, device):
        super().__init__()
        self.body = nn.Sequential(nn.Flatten(), nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, out_shape[0]))

    def forward(self, x):
        return self.body(x)

    def train_setup(self, prm):
        self.opt = torch.optim.AdamW(self.parameters(), lr=0.01)

    def learn(self, train_data):
        import copy
        for _ in range(10):
            for x, y in copy.copy(train_data):
                self.opt.zero_grad(); F.cross_entropy(self(x), y).backward(); self.opt.step()


def supported_hyperparameters():
    return {"lr"}
