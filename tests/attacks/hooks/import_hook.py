# on: forbidden; off: valid, killed, missing_dependency
# Puts an importer before all others that answers with its own modules.
import sys
import types

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


class Importer:
    def find_spec(self, name, path=None, target=None):
        print("import of", name)
        raise SystemExit(3)


sys.meta_path.insert(0, Importer())
sys.path_hooks.insert(0, Importer)
sys.path.insert(0, "/tmp")
