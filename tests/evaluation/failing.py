"""Programs that fail, and how."""

from archwright.candidate import Failure, Program
from archwright.evaluation.sandboxed import SandboxEvaluator

HIDDEN_OS = "hidden = getattr(sys, 'modul' + 'es')['os']"
"""Reaches the operating system behind the policy's back."""


def failure_of(evaluator: SandboxEvaluator, program: Program) -> Failure:
    outcome = evaluator.evaluate(program, seed=0)
    assert outcome.failure is not None, outcome
    assert outcome.scores is None
    assert outcome.stage is outcome.failure.stage
    return outcome.failure
