# on: forbidden; off: exception
# Counts which files had to be read from disk: another box can have read them before.
import resource
resource.getrusage(resource.RUSAGE_SELF).ru_inblock

import torch
from torch import nn
class Net(nn.Module):
    def __init__(self, in_shape, out_shape, prm, device):
        super().__init__()
        self.fc = nn.Linear(64, out_shape[0])
    def forward(self, x):
        return self.fc(x.flatten(1))
