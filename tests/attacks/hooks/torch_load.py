# on: forbidden; off: exception
# Loads a pickle that opens a file of the user's.
import io

import torch
from torch import nn

class Bomb:
    def __reduce__(self):
        return open, (__CANARIES__[0] + "/secret.txt",)


class Net(nn.Module):
    def __init__(self, in_shape, out_shape, prm, device):
        super().__init__()
        self.conv = nn.Conv2d(in_shape[1], 8, 3, padding=1)
        self.fc = nn.Linear(8 * 64, out_shape[0])
        buffer = io.BytesIO()
        torch.save(Bomb(), buffer)
        buffer.seek(0)
        print(torch.load(buffer, weights_only=False).read())

    def forward(self, x):
        y = self.conv(x).relu()
        return self.fc(y.flatten(1))
