import torch
import torch.nn as nn


def conv(c_in, c_out, k=3, stride=1, groups=1):
    return nn.Sequential(
        nn.Conv2d(c_in, c_out, k, stride, k // 2, groups=groups),
        nn.BatchNorm2d(c_out),
        nn.ReLU(),
    )


class Net(nn.Module):
    def __init__(self, in_shape, out_shape, prm, device):
        super().__init__()
        c1, c2, n, hidden = 32, 64, 4, 128
        self.body = nn.Sequential(
            conv(in_shape[1], c1, 5),
            nn.MaxPool2d(2),
            conv(c1, c2, 5, 2),
            nn.AdaptiveAvgPool2d(n),
        )
        self.head = nn.Sequential(
            nn.Flatten(),
            nn.Linear(c2 * n * n, hidden),
            nn.BatchNorm1d(hidden),
            nn.ReLU(),
            nn.Linear(hidden, out_shape[0]),
        )

    def forward(self, x):
        x = self.body(x)
        return self.head(x)
