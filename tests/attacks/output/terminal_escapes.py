# on: valid; off: valid
# Prints escapes that clear the screen, move the cursor, set the title and ring the bell.
import torch
from torch import nn


class Net(nn.Module):
    def __init__(self, in_shape, out_shape, prm, device):
        super().__init__()
        self.conv = nn.Conv2d(in_shape[1], 8, 3, padding=1)
        self.fc = nn.Linear(8 * 64, out_shape[0])
        print("\x1b[2J\x1b[1;1H\x1b[31mred\x1b[0m \x1b]0;title\x07 \x9b2J \x1bc \x1bP+q\x1b\\ \b\b\b \x07")

    def forward(self, x):
        y = self.conv(x).relu()
        return self.fc(y.flatten(1))
