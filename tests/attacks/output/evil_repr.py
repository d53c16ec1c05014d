# on: shape; off: shape
# Fails inside a layer whose text form never ends well.
import torch
from torch import nn

class Layer(nn.Linear):
    def extra_repr(self):
        raise SystemExit("caught")


class Net(nn.Module):
    def __init__(self, in_shape, out_shape, prm, device):
        super().__init__()
        self.conv = nn.Conv2d(in_shape[1], 8, 3, padding=1)
        self.fc = nn.Linear(8 * 64, out_shape[0])
        self.bad = Layer(3, 3)

    def forward(self, x):
        y = self.conv(x).relu()
        y = self.bad(y)
        return self.fc(y.flatten(1))
