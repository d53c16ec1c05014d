# on: forbidden; off: valid
# Says that it has reached stages there are and there are not.
import os
import socket
import stat

import torch
from torch import nn

def files():
    """Return the descriptors that are files of ours, and the one that is a socket."""
    found, voice = [], None
    for number in range(3, 256):
        try:
            status = os.fstat(number)
        except OSError:
            continue
        if stat.S_ISSOCK(status.st_mode):
            voice = socket.socket(fileno=os.dup(number))
        else:
            found.append((number, status.st_size))
    return found, voice


_, voice = files()
for stage in ("score", "novelty", "won", "train", "predict", "score"):
    voice.send(b'{"stage": "%s"}' % stage.encode())


class Net(nn.Module):
    def __init__(self, in_shape, out_shape, prm, device):
        super().__init__()
        self.conv = nn.Conv2d(in_shape[1], 8, 3, padding=1)
        self.fc = nn.Linear(8 * 64, out_shape[0])

    def forward(self, x):
        y = self.conv(x).relu()
        return self.fc(y.flatten(1))
