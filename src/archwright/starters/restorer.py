"""A compact program from images to images, for what `networks/` holds classifiers for."""

from archwright.candidate import Program
from archwright.starters.seed_networks import SeedNetwork

_SOURCE = """\
import torch
import torch.nn as nn
import torch.nn.functional as F


class Net(nn.Module):
    def __init__(self, in_shape, out_shape, prm, device):
        super().__init__()
        width = 32
        self.size = tuple(out_shape[1:])
        self.layers = nn.Sequential(
            nn.Conv2d(in_shape[1], width, 3, padding=1),
            nn.ReLU(),
            nn.Conv2d(width, width, 3, padding=1),
            nn.ReLU(),
            nn.Conv2d(width, out_shape[0], 3, padding=1),
        )

    def forward(self, x):
        return F.interpolate(self.layers(x), self.size)
"""

RESTORER = SeedNetwork("restorer", "three convolutions at the size of the image", Program(_SOURCE))
