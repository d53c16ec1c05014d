"""The early stop ends what learns nothing, leaves the rest exactly as it was, and is off by default."""

from collections.abc import Callable

import pytest

from archwright.candidate import FailureKind, Program, Stage
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


def test_it_is_off_by_default(make_evaluator: MakeEvaluator) -> None:
    assert make_evaluator(recipe=Recipe(batch=16)).evaluate(STUCK, seed=0).is_valid


@pytest.mark.parametrize("epochs", [1, 2])
def test_a_network_that_learns_is_trained_bit_for_bit_as_without(make_evaluator: MakeEvaluator, epochs: int) -> None:
    source = GOOD.source.replace("torch.flatten(x, 1))", "torch.dropout(torch.flatten(x, 1), 0.2, self.training))")
    budgets = (Budget(epochs=epochs), Budget(epochs=epochs, stop_at=0.8))
    outcomes = [make_evaluator(budget, Recipe(batch=8)).evaluate(Program(source), seed=1) for budget in budgets]
    assert outcomes[0].is_valid, outcomes[0]
    assert outcomes[0].scores == outcomes[1].scores
