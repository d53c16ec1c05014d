# on: forbidden, exception, name, valid; off: valid, exception, name
# Uses the interpreter's monitoring to disturb the evaluator.
import sys

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


if hasattr(sys, "monitoring"):
    sys.monitoring.use_tool_id(1, "attack")
    sys.monitoring.set_events(1, sys.monitoring.events.PY_START)
    sys.monitoring.register_callback(1, sys.monitoring.events.PY_START, lambda *args: print(args))
