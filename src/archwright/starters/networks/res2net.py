import torch
import torch.nn as nn


def conv(c_in, c_out, k=3, stride=1, groups=1):
    return nn.Sequential(
        nn.Conv2d(c_in, c_out, k, stride, k // 2, groups=groups),
        nn.BatchNorm2d(c_out),
        nn.ReLU(),
    )


class Block(nn.Module):
    def __init__(self, c, parts=4):
        super().__init__()
        self.parts = parts
        self.convs = nn.ModuleList([conv(c // parts, c // parts) for _ in range(parts - 1)])
        self.mix = conv(c, c, 1)

    def forward(self, x):
        chunks = list(x.chunk(self.parts, 1))
        for i, layer in enumerate(self.convs):
            chunks[i + 1] = layer(chunks[i + 1] + chunks[i])
        return x + self.mix(torch.cat(chunks, 1))


class Net(nn.Module):
    def __init__(self, in_shape, out_shape, prm, device):
        super().__init__()
        c1, c2, c3 = 32, 64, 128
        self.body = nn.Sequential(
            conv(in_shape[1], c1, 3, 2),
            Block(c1),
            conv(c1, c2),
            nn.MaxPool2d(2),
            Block(c2),
            conv(c2, c3),
        )
        self.head = nn.Sequential(
            nn.AdaptiveAvgPool2d(2),
            nn.Flatten(),
            nn.Linear(c3 * 4, out_shape[0]),
        )

    def forward(self, x):
        x = self.body(x)
        return self.head(x)
