# on: forbidden; off: exception, missing_dependency, timeout
# Compiles and loads C++ of its own.
from torch.utils.cpp_extension import load_inline

import torch
from torch import nn


class Net(nn.Module):
    def __init__(self, in_shape, out_shape, prm, device):
        super().__init__()
        self.conv = nn.Conv2d(in_shape[1], 8, 3, padding=1)
        self.fc = nn.Linear(8 * 64, out_shape[0])
        code = "int secret() { return 42; }"
        self.module = load_inline("attack", cpp_sources=[code], functions=["secret"], build_directory=".")

    def forward(self, x):
        y = self.conv(x).relu()
        return self.fc(y.flatten(1))
