# on: valid, exception, not_reproducible; off: valid, exception, not_reproducible
# Runs code when its parameters are copied or detached.
import torch
from torch import nn

class Sticky(nn.Parameter):
    def detach(self):
        print("detached")
        return torch.zeros(1)

    def __deepcopy__(self, memo):
        raise SystemExit(1)


class Net(nn.Module):
    def __init__(self, in_shape, out_shape, prm, device):
        super().__init__()
        self.conv = nn.Conv2d(in_shape[1], 8, 3, padding=1)
        self.fc = nn.Linear(8 * 64, out_shape[0])
        self.scale = Sticky(torch.ones(1))

    def forward(self, x):
        y = self.conv(x).relu()
        y = y * self.scale
        return self.fc(y.flatten(1))
