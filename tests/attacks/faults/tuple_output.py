# on: wrong_output; off: wrong_output
# Returns the features before the logits: the first element is the output.
# at: forward; says: instead of
import torch
from torch import nn


class Net(nn.Module):
    def __init__(self, in_shape, out_shape, prm, device):
        super().__init__()
        self.conv = nn.Conv2d(in_shape[1], 8, 3, padding=1)
        self.fc = nn.Linear(8 * 64, out_shape[0])

    def forward(self, x):
        y = self.conv(x).relu()
        return y, self.fc(y.flatten(1))
