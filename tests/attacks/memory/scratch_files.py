# on: forbidden; off: exception, killed, out_of_memory, timeout
# Fills its scratch folder with large files.
import torch
from torch import nn


class Net(nn.Module):
    def __init__(self, in_shape, out_shape, prm, device):
        super().__init__()
        self.conv = nn.Conv2d(in_shape[1], 8, 3, padding=1)
        self.fc = nn.Linear(8 * 64, out_shape[0])
        for number in range(64):
            with open(f"file-{number}", "wb") as file:
                for _ in range(16):
                    file.write(bytes(2**20))

    def forward(self, x):
        y = self.conv(x).relu()
        return self.fc(y.flatten(1))
