import torch
import torch.nn as nn


def conv(c_in, c_out, k=3, stride=1, groups=1):
    return nn.Sequential(
        nn.Conv2d(c_in, c_out, k, stride, k // 2, groups=groups),
        nn.BatchNorm2d(c_out),
        nn.ReLU(),
    )


class Attention(nn.Module):
    def __init__(self, c, heads=4):
        super().__init__()
        self.norm = nn.BatchNorm2d(c)
        self.attention = nn.MultiheadAttention(c, heads, batch_first=True)

    def forward(self, x):
        y = self.norm(x).flatten(2).transpose(1, 2)
        y = self.attention(y, y, y, need_weights=False)[0]
        return x + y.transpose(1, 2).reshape(x.shape)


class Net(nn.Module):
    def __init__(self, in_shape, out_shape, prm, device):
        super().__init__()
        c1, c2, c3 = 32, 64, 96
        self.body = nn.Sequential(
            conv(in_shape[1], c1),
            nn.MaxPool2d(2),
            conv(c1, c2),
            nn.MaxPool2d(2),
            conv(c2, c3),
            nn.AdaptiveAvgPool2d(8),
            Attention(c3),
        )
        self.head = nn.Sequential(
            nn.AdaptiveAvgPool2d(4),
            nn.Flatten(),
            nn.Linear(c3 * 16, out_shape[0]),
        )

    def forward(self, x):
        x = self.body(x)
        return self.head(x)
