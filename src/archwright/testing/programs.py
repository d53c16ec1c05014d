"""Programs for tests: one that is good, some that are not, and a network to put mistakes into."""

import textwrap

from archwright.candidate import Program

GOOD = Program(
    """\
import torch
from torch import nn


class Net(nn.Module):
    def __init__(self, in_shape, out_shape, prm, device):
        super().__init__()
        self.fc = nn.Linear(in_shape[1] * in_shape[2] * in_shape[3], out_shape[0])

    def forward(self, x):
        return self.fc(torch.flatten(x, 1))
"""
)
"""A small network that any task can train."""
BROKEN = Program(GOOD.source.replace("import torch\n", "import torch\n)\n"))
"""A program with a syntax error."""
ENDLESS = Program(GOOD.source.replace("        return", "        while True:\n            pass\n        return"))
"""A program whose forward never returns."""

MODULE_LINE, INIT_LINE, FORWARD_LINE, LEARN_LINE = 3, 9, 12, 17
"""Where the first extra line of each part of `network_with` is; for `learn` when the other parts have one line each."""


def network_with(init: str = "", forward: str = "", module: str = "", learn: str | None = None) -> Program:
    """Return a small convolutional network with extra lines in its parts; a `learn` makes it a full program.

    The images `x`, the feature maps `y` (N, 8, H, W), `self.conv` and `self.fc` are there to be misused.
    """
    source = f"""\
import torch, os, sys, math, random, time
from torch import nn
{module or "pass"}
class Net(nn.Module):
    def __init__(self, in_shape, out_shape, prm, device):
        super().__init__()
        self.conv = nn.Conv2d(in_shape[1], 8, 3, padding=1)
        self.fc = nn.Linear(8, out_shape[0])
{textwrap.indent(init or "pass", "        ")}
    def forward(self, x):
        y = self.conv(x).relu()
{textwrap.indent(forward or "pass", "        ")}
        return self.fc(y.mean((2, 3)))
"""
    if learn is not None:
        source += f"""\
    def train_setup(self, prm):
        self.optimizer = torch.optim.SGD(self.parameters(), lr=prm["lr"])
    def learn(self, train_data):
{textwrap.indent(learn, "        ")}
def supported_hyperparameters():
    return {{"lr"}}
"""
    return Program(source)
