# on: shape; off: shape
# Looks up an index that is not in the table.
# at: forward:17; says: out of range | nn.Embedding(n, width)
import torch
from torch import nn


class Net(nn.Module):
    def __init__(self, in_shape, out_shape, prm, device):
        super().__init__()
        self.conv = nn.Conv2d(in_shape[1], 8, 3, padding=1)
        self.fc = nn.Linear(8 * 64, out_shape[0])
        self.table = nn.Embedding(4, 8)

    def forward(self, x):
        y = self.conv(x).relu()
        y = y + self.table(torch.arange(8, device=x.device)).mean()
        return self.fc(y.flatten(1))
