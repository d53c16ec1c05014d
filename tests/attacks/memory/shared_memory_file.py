# on: forbidden; off: exception, valid
# Fills /dev/shm with files.
import torch
from torch import nn


class Net(nn.Module):
    def __init__(self, in_shape, out_shape, prm, device):
        super().__init__()
        self.conv = nn.Conv2d(in_shape[1], 8, 3, padding=1)
        self.fc = nn.Linear(8 * 64, out_shape[0])
        for folder in [place for place in __CANARIES__ if place.startswith("/dev/shm")]:
            for number in range(8):
                with open(f"{folder}/archwright-attack-{number}", "wb") as file:
                    file.write(bytes(2**20))

    def forward(self, x):
        y = self.conv(x).relu()
        return self.fc(y.flatten(1))
