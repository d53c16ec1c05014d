# on: out_of_memory, exception; off: out_of_memory, exception
# Nests format strings and asks for a width of a billion.
import torch
from torch import nn


class Net(nn.Module):
    def __init__(self, in_shape, out_shape, prm, device):
        super().__init__()
        self.conv = nn.Conv2d(in_shape[1], 8, 3, padding=1)
        self.fc = nn.Linear(8 * 64, out_shape[0])
        self.text = f"{'x':>{10**3}}" + f"{f'{1}'}"
        if not torch.empty(0).is_meta:
            self.text = f"{1:>{2**62}}"

    def forward(self, x):
        y = self.conv(x).relu()
        return self.fc(y.flatten(1))
