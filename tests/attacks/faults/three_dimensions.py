# on: shape; off: shape
# Unpacks the shape of images into three names.
# at: build:11; says: images are (N, C, H, W)
import torch
from torch import nn


class Net(nn.Module):
    def __init__(self, in_shape, out_shape, prm, device):
        super().__init__()
        channels, height, width = in_shape
        self.conv = nn.Conv2d(in_shape[1], 8, 3, padding=1)
        self.fc = nn.Linear(8 * 64, out_shape[0])

    def forward(self, x):
        y = self.conv(x).relu()
        return self.fc(y.flatten(1))
