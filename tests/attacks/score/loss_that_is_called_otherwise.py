# on: valid; off: valid
# Gives the loss of the standard training a way of its own to be called, and its module another table of functions.
import torch
import torch.nn.modules.loss as losses
from torch import nn


class Functions:
    def __getattr__(self, name):
        return getattr(nn.functional, name)

    def cross_entropy(self, logits, labels, **named):
        raise RuntimeError("the labels, within reach")


class Net(nn.Module):
    def __init__(self, in_shape, out_shape, prm, device):
        super().__init__()
        self.body = nn.Sequential(nn.Flatten(), nn.Linear(64, out_shape[0]))

    def forward(self, x):
        return self.body(x)


def called(self, *given):
    raise RuntimeError("the labels, within reach")


losses.F = Functions()
nn.CrossEntropyLoss.__call__ = called
