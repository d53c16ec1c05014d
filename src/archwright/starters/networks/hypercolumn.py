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
        c1, c2, c3 = 32, 64, 128
        self.stage1 = conv(in_shape[1], c1)
        self.stage2 = conv(c1, c2)
        self.stage3 = conv(c2, c3)
        self.down = nn.MaxPool2d(2)
        self.head = nn.Linear(c1 + c2 + c3, out_shape[0])

    def forward(self, x):
        a = self.stage1(x)
        b = self.stage2(self.down(a))
        c = self.stage3(self.down(b))
        x = torch.cat([y.mean((2, 3)) for y in (a, b, c)], 1)
        return self.head(x)
