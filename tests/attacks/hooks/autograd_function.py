# on: not_finite; off: not_finite
# Runs its own code in the backward pass and returns what is no number.
import torch
from torch import nn

class Function(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        return x.clone()

    @staticmethod
    def backward(ctx, gradient):
        print("backward")
        return gradient * float("inf") * 0 + 1


class Net(nn.Module):
    def __init__(self, in_shape, out_shape, prm, device):
        super().__init__()
        self.conv = nn.Conv2d(in_shape[1], 8, 3, padding=1)
        self.fc = nn.Linear(8 * 64, out_shape[0])

    def forward(self, x):
        y = self.conv(x).relu()
        y = Function.apply(y)
        return self.fc(y.flatten(1))
