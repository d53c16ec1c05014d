"""Auxiliary heads: the first element is the output, the others take part in the loss."""

from pathlib import Path

import pytest
import torch

from archwright.evaluation.box.heads import HEAD_WEIGHT, HeadsLoss
from archwright.evaluation.box.outputs import main_output
from archwright.evaluation.direct import evaluate
from archwright.task import Budget, Task

HEADS = """\
import torch
from torch import nn


class Net(nn.Module):
    def __init__(self, in_shape, out_shape, prm, device):
        super().__init__()
        self.conv = nn.Conv2d(in_shape[1], 8, 3, padding=1)
        self.head = nn.Linear(8 * in_shape[2] * in_shape[3], out_shape[0])
        self.side = nn.Linear(8, out_shape[0])

    def forward(self, x):
        y = self.conv(x).relu()
        if self.training:
            return self.head(y.flatten(1)), self.side(y.mean((2, 3)))
        return self.head(y.flatten(1))
"""


def test_a_loss_of_heads_is_the_loss_of_the_output_and_a_share_of_the_others() -> None:
    loss = torch.nn.CrossEntropyLoss()
    logits, side, labels = torch.rand(4, 3), torch.rand(4, 3), torch.tensor([0, 1, 2, 0])
    heads = HeadsLoss(loss)
    assert heads(logits, labels).equal(loss(logits, labels))
    assert heads((logits, side), labels).equal(loss(logits, labels) + HEAD_WEIGHT * loss(side, labels))
    assert heads([logits, torch.rand(4, 8), None], labels).equal(loss(logits, labels))


def test_the_first_element_is_the_output() -> None:
    assert main_output((1, 2)) == 1
    assert main_output([1, 2]) == 1
    assert main_output("logits") == "logits"
    assert main_output(()) == ()


@pytest.mark.parametrize(
    "source",
    [
        HEADS,
        HEADS.replace("if self.training:", "if True:"),
        HEADS.replace("), self.side", "), None, self.side"),
    ],
    ids=["in training", "always", "with a gap"],
)
def test_a_network_with_heads_is_trained_and_scored(tmp_path: Path, source: str) -> None:
    ((_, outcome),) = evaluate(source, Task(budget=Budget(epochs=1)))
    assert outcome.failure is None, outcome.failure
    assert (outcome.value("accuracy") or 0) > 0.3


def test_a_first_element_that_is_no_output_in_training_is_refused_with_line_and_remedy() -> None:
    ((_, outcome),) = evaluate(HEADS.replace("return self.head(y.flatten(1)), ", "return y, "), Task())
    assert outcome.failure is not None
    assert outcome.failure.line == 12
    assert "instead of" in outcome.failure.message
