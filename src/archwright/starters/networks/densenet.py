import torch
import torch.nn as nn


class Layer(nn.Module):
    def __init__(self, c_in, growth):
        super().__init__()
        self.norm = nn.BatchNorm2d(c_in)
        self.act = nn.ReLU()
        self.conv = nn.Conv2d(c_in, growth, 3, 1, 1)

    def forward(self, x):
        y = self.conv(self.act(self.norm(x)))
        return torch.cat([x, y], 1)


def dense(c_in, growth, layers):
    return nn.Sequential(*[Layer(c_in + i * growth, growth) for i in range(layers)])


class Net(nn.Module):
    def __init__(self, in_shape, out_shape, prm, device):
        super().__init__()
        c, growth, layers = 32, 24, 4
        c2 = c + layers * growth
        c3 = c2 + layers * growth
        self.body = nn.Sequential(
            nn.Conv2d(in_shape[1], c, 3, 2, 1),
            dense(c, growth, layers),
            nn.MaxPool2d(2),
            dense(c2, growth, layers),
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
