# on: forbidden; off: exception
# Looks at what the network of the whole machine does, which is told in every namespace.
open("/proc/self/net/softnet_stat").read()

import torch
from torch import nn
class Net(nn.Module):
    def __init__(self, in_shape, out_shape, prm, device):
        super().__init__()
        self.fc = nn.Linear(64, out_shape[0])
    def forward(self, x):
        return self.fc(x.flatten(1))
