"""The early stop ends what learns nothing, leaves the rest exactly as it was, and is off by default."""

from collections.abc import Callable
from contextlib import nullcontext

import pytest
import torch

from archwright.candidate import FailureKind, Program, Stage
from archwright.evaluation.box.diagnosis import NamedProblem
from archwright.evaluation.box.stopping import EarlyStop
from archwright.evaluation.sandboxed import SandboxEvaluator
from archwright.task import Budget, Recipe
from archwright.testing.programs import GOOD

MakeEvaluator = Callable[..., SandboxEvaluator]
STUCK = Program(GOOD.source.replace("torch.flatten(x, 1))", "torch.flatten(x, 1) * 0.0)"))
"""Answers the same whatever it sees; its bias alone is trained."""


def test_a_network_at_chance_is_stopped_with_a_message_for_the_model(make_evaluator: MakeEvaluator) -> None:
    outcome = make_evaluator(Budget(stop_at=0.5), Recipe(batch=16)).evaluate(STUCK, seed=0)
    assert outcome.failure is not None
    assert (outcome.failure.stage, outcome.failure.kind) == (Stage.TRAIN, FailureKind.HOPELESS)
    assert "after 50% of the first epoch it is right on" in outcome.failure.message


def test_nothing_is_trained_while_it_looks(make_evaluator: MakeEvaluator) -> None:
    gradient = "torch.autograd.grad(self.fc.weight.sum(), self.fc.weight)"
    training = f"if not self.training:\n            with torch.enable_grad():\n                {gradient}"
    source = GOOD.source.replace("        return self.fc", f"        {training}\n        return self.fc")
    looked = make_evaluator(Budget(stop_at=0.5), Recipe(batch=16)).evaluate(Program(source), seed=0)
    assert looked.failure is not None
    assert looked.failure.kind is FailureKind.TOO_MANY_EPOCHS
    assert make_evaluator(recipe=Recipe(batch=16)).evaluate(Program(source), seed=0).is_valid


def test_it_is_off_by_default(make_evaluator: MakeEvaluator) -> None:
    assert make_evaluator(recipe=Recipe(batch=16)).evaluate(STUCK, seed=0).is_valid


@pytest.mark.parametrize("epochs", [1, 2])
def test_a_network_that_learns_is_trained_bit_for_bit_as_without(make_evaluator: MakeEvaluator, epochs: int) -> None:
    source = GOOD.source.replace("torch.flatten(x, 1))", "torch.dropout(torch.flatten(x, 1), 0.2, self.training))")
    budgets = (Budget(epochs=epochs), Budget(epochs=epochs, stop_at=0.8))
    outcomes = [make_evaluator(budget, Recipe(batch=8)).evaluate(Program(source), seed=1) for budget in budgets]
    assert outcomes[0].is_valid, outcomes[0]
    assert outcomes[0].scores == outcomes[1].scores


class FourBatches(list[int]):
    """Stands for the batches of an epoch, of which only the number is asked."""

    def __init__(self) -> None:
        super().__init__(range(4))
        self.watch: Callable[[int], None] | None = None


class Constant(torch.nn.Module):
    """Answers 0 whatever it sees."""

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        return torch.tensor([1.0, 0.0]).expand(len(images), 2)


def look_at(zeros: int) -> None:
    """Let the early stop look at a network that answers 0, where `zeros` of 256 labels are 0."""
    labels, batches = torch.ones(256, dtype=torch.int64), FourBatches()
    labels[:zeros] = 0
    images = torch.zeros(256, 1, 2, 2, dtype=torch.uint8)
    early_stop = EarlyStop(Constant(), batches, images, labels, 0.5, nullcontext)  # type: ignore[arg-type]
    early_stop.watch(lambda part: part)  # type: ignore[arg-type]
    assert batches.watch is not None
    batches.watch(2)


@pytest.mark.parametrize("zeros", [254, 255, 256])
def test_nothing_is_stopped_where_nearly_all_labels_are_of_one_class(zeros: int) -> None:
    look_at(zeros)


def test_a_network_is_stopped_as_long_as_a_perfect_one_would_not_be() -> None:
    with pytest.raises(
        NamedProblem, match="right on 253 of 256 training images, which chance is as well .256 would do"
    ):
        look_at(253)
