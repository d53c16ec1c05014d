import torch
import torch.nn as nn


class Block(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.norm1 = nn.BatchNorm2d(c)
        self.conv1 = nn.Conv2d(c, c, 3, 1, 1)
        self.norm2 = nn.BatchNorm2d(c)
        self.conv2 = nn.Conv2d(c, c, 3, 1, 1)
        self.act = nn.ReLU()

    def forward(self, x):
        y = self.conv1(self.act(self.norm1(x)))
        y = self.conv2(self.act(self.norm2(y)))
        return x + y


class Net(nn.Module):
    def __init__(self, in_shape, out_shape, prm, device):
        super().__init__()
        c1, c2, c3 = 32, 64, 96
        self.body = nn.Sequential(
            nn.Conv2d(in_shape[1], c1, 3, 2, 1),
            Block(c1),
            nn.Conv2d(c1, c2, 3, 2, 1),
            Block(c2),
            nn.Conv2d(c2, c3, 3, 1, 1),
            nn.BatchNorm2d(c3),
            nn.ReLU(),
        )
        self.head = nn.Sequential(
            nn.AdaptiveAvgPool2d(2),
            nn.Flatten(),
            nn.Linear(c3 * 4, out_shape[0]),
        )

    def forward(self, x):
        x = self.body(x)
        return self.head(x)
