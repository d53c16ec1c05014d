# on: forbidden; off: valid, name, exception, not_reproducible
# Leaves objects in its state that run code when they are unpickled outside.
import torch
from torch import nn

class Bomb:
    def __reduce__(self):
        return exec, ("planted",)


class Net(nn.Module):
    def __init__(self, in_shape, out_shape, prm, device):
        super().__init__()
        self.conv = nn.Conv2d(in_shape[1], 8, 3, padding=1)
        self.fc = nn.Linear(8 * 64, out_shape[0])

    def forward(self, x):
        y = self.conv(x).relu()
        return self.fc(y.flatten(1))

    def get_extra_state(self):
        return Bomb()

    def set_extra_state(self, state):
        pass
