"""The two seams of evaluation: an Evaluator turns one Program into one Outcome, an Executor runs many of them."""

from collections.abc import Generator, Iterable
from dataclasses import dataclass
from typing import Protocol

from archwright.candidate import Outcome, Program


@dataclass(frozen=True, slots=True)
class Job:
    """One program to evaluate; `number` is the caller's and comes back with the outcome."""

    number: int
    program: Program
    seed: int


class Evaluator(Protocol):
    """Checks, trains and scores programs; whatever a program does ends as an Outcome.

    Raises EvaluatorError only when the evaluator itself is broken. Safe to call from several threads.
    """

    def evaluate(self, program: Program, *, seed: int) -> Outcome:
        """Return what happened to `program`, trained with `seed`."""
        ...

    def cancel(self) -> None:
        """Stop every evaluation in flight, each of which raises EvaluationCancelledError; new ones may follow."""
        ...

    def close(self) -> None:
        """Stop every process the evaluator started; a closed evaluator is not used again."""
        ...


class Executor(Protocol):
    """Evaluates many jobs and streams the outcomes as they finish, in any order, each job exactly once."""

    def run(self, jobs: Iterable[Job]) -> Generator[tuple[Job, Outcome], None, None]:
        """Yield each job with its outcome; closing the iterator stops the work in flight."""
        ...

    def close(self) -> None:
        """Release everything; running jobs are killed."""
        ...
