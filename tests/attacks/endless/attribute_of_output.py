# on: timeout; off: timeout
# Returns a tensor whose shape can never be read.
import torch
from torch import nn

class Endless(torch.Tensor):
    @property
    def shape(self):
        while True:
            pass


class Net(nn.Module):
    def __init__(self, in_shape, out_shape, prm, device):
        super().__init__()
        self.conv = nn.Conv2d(in_shape[1], 8, 3, padding=1)
        self.fc = nn.Linear(8 * 64, out_shape[0])

    def forward(self, x):
        y = self.conv(x).relu()
        return self.fc(y.flatten(1)).as_subclass(Endless)
        return self.fc(y.flatten(1))
