# on: valid; off: valid
# Makes eight thousand parsers that nothing uses, each of which was compared with all others before it ran.
from argparse import ArgumentParser

import torch
from torch import nn


class Net(nn.Module):
    def __init__(self, in_shape, out_shape, prm, device):
        super().__init__()
        self.body = nn.Sequential(nn.Flatten(), nn.Linear(64, out_shape[0]))

    def forward(self, x):
        return self.body(x)


«8000 × p{n} = ArgumentParser()\n»
