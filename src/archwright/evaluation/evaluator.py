"""The two seams of evaluation: an Evaluator turns one Program into one Outcome, an Executor runs many of them."""

from concurrent.futures import Future
from dataclasses import dataclass
from typing import Protocol

from archwright.candidate import Fidelity, Outcome, Program


@dataclass(frozen=True, slots=True)
class Job:
    """One program to evaluate; `number` is the caller's and comes back with the outcome."""

    number: int
    program: Program
    seed: int
    at: Fidelity | None = None
    """How it is trained; None for the task's own fidelity."""
    split: str | None = None
    """The images it is scored on; None for those that a search on the task selects on."""


class Evaluator(Protocol):
    """Checks, trains and scores programs; whatever a program does ends as an Outcome.

    Raises EvaluatorError only when the evaluator itself is broken, and EvaluationCancelledError, at any time, when the
    Cancellation whose scope the calling thread is in is cancelled (`archwright.cancellation`), before or meanwhile.
    Safe to call from several threads.
    """

    def settle(self, program: Program, *, seed: int) -> Outcome | None:
        """Return what `evaluate` would where that needs no training: findings of the static checks, a known outcome."""

    def evaluate(self, program: Program, *, seed: int, at: Fidelity | None = None, split: str | None = None) -> Outcome:
        """Return what happened to `program`, trained with `seed`, `at` a fidelity and scored on a `split` (see Job)."""

    def close(self) -> None:
        """Stop every process the evaluator started; a closed evaluator is not used again."""


class Executor(Protocol):
    """Evaluates many jobs at once, each exactly once; `executors.run_jobs` streams the outcomes of a list of them."""

    @property
    def workers(self) -> int:
        """How many jobs run at once now; more may be submitted, and wait."""

    def settle(self, job: Job) -> Outcome | None:
        """Return the outcome of `job` where that needs no training."""

    def submit(self, job: Job) -> "Future[Outcome]":
        """Run `job` when a worker is free; the future raises what the evaluator raises."""

    def cancel(self) -> None:
        """Stop the jobs in flight and drop those that wait; return when none is left. New ones may follow."""

    def close(self) -> None:
        """Cancel everything and release every resource."""
