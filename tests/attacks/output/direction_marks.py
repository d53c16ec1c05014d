# on: valid; off: valid
# Prints marks that turn the reading direction and characters that cannot be seen.
import torch
from torch import nn


class Net(nn.Module):
    def __init__(self, in_shape, out_shape, prm, device):
        super().__init__()
        self.conv = nn.Conv2d(in_shape[1], 8, 3, padding=1)
        self.fc = nn.Linear(8 * 64, out_shape[0])
        print("\u202egnp.exe\u202c \u2066a\u2069 \u200b\u200d\u2060\ufeff \U000e0041\U000e0042 a" + "\u0301" * 500)

    def forward(self, x):
        y = self.conv(x).relu()
        return self.fc(y.flatten(1))
