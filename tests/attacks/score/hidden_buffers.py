# on: too_many_parameters; off: too_many_parameters
# Hides its weights in buffers and calls that no parameters.
import torch
from torch import nn


class Net(nn.Module):
    def __init__(self, in_shape, out_shape, prm, device):
        super().__init__()
        self.conv = nn.Conv2d(in_shape[1], 8, 3, padding=1)
        self.fc = nn.Linear(8 * 64, out_shape[0])
        self.register_buffer("hidden", torch.randn(600_000), persistent=False)

    def forward(self, x):
        y = self.conv(x).relu()
        if self.training:
            self.hidden.add_(0.001)
        return self.fc(y.flatten(1))
