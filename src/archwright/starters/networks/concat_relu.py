import torch
import torch.nn as nn
import torch.nn.functional as F


class Block(nn.Module):
    def __init__(self, c_in, c_out):
        super().__init__()
        self.conv = nn.Conv2d(c_in, c_out // 2, 3, 1, 1)
        self.norm = nn.BatchNorm2d(c_out // 2)

    def forward(self, x):
        x = self.norm(self.conv(x))
        return torch.cat([F.relu(x), F.relu(-x)], 1)


class Net(nn.Module):
    def __init__(self, in_shape, out_shape, prm, device):
        super().__init__()
        c1, c2, c3 = 32, 64, 128
        self.body = nn.Sequential(
            Block(in_shape[1], c1),
            nn.MaxPool2d(2),
            Block(c1, c2),
            Block(c2, c2),
            nn.MaxPool2d(2),
            Block(c2, c3),
        )
        self.head = nn.Sequential(
            nn.AdaptiveAvgPool2d(4),
            nn.Flatten(),
            nn.Linear(c3 * 16, out_shape[0]),
        )

    def forward(self, x):
        x = self.body(x)
        return self.head(x)
