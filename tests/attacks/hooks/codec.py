# on: forbidden; off: valid, exception, missing_dependency
# Registers a codec that rewrites text as it is decoded.
import codecs

import torch
from torch import nn


class Net(nn.Module):
    def __init__(self, in_shape, out_shape, prm, device):
        super().__init__()
        self.conv = nn.Conv2d(in_shape[1], 8, 3, padding=1)
        self.fc = nn.Linear(8 * 64, out_shape[0])

    def forward(self, x):
        y = self.conv(x).relu()
        return self.fc(y.flatten(1))


def rewrite(text, errors="strict"):
    return b'{"done": true}', len(text)


codecs.register(lambda name: codecs.CodecInfo(rewrite, rewrite, name=name))
codecs.lookup("attack")
codecs.register_error("strict", lambda error: ("", error.end))
