"""The local executor beyond its contract: an evaluator that breaks, and people who press Ctrl-C."""

import os
import signal
import threading
import time
from contextlib import closing

import pytest

from archwright.cancellation import current
from archwright.candidate import Fidelity, Outcome, Program, Stage
from archwright.errors import EvaluatorError
from archwright.evaluation.evaluator import Job
from archwright.evaluation.executors import LocalExecutor, run_jobs
from archwright.machine import cores
from archwright.testing.evaluators import FakeEvaluator
from archwright.testing.programs import ENDLESS, GOOD


class BreakingEvaluator:
    """Breaks at one seed and waits at all others until they are cancelled."""

    def __init__(self, breaks_at: int) -> None:
        self.breaks_at = breaks_at
        self.cancelled = threading.Event()

    def settle(self, program: Program, *, seed: int) -> Outcome | None:
        return None

    def evaluate(self, program: Program, *, seed: int, at: Fidelity | None = None, split: str | None = None) -> Outcome:
        if seed == self.breaks_at:
            raise EvaluatorError("no boxes left", "make some")
        with current().waking(self.cancelled.set):
            self.cancelled.wait(30.0)
        return Outcome(Stage.BUILD)

    def close(self) -> None:
        pass


def test_zero_workers_mean_one_per_core() -> None:
    assert LocalExecutor(FakeEvaluator(), 0).workers == cores() >= 1


def test_a_broken_evaluator_stops_everything_and_is_raised() -> None:
    evaluator = BreakingEvaluator(breaks_at=1)
    executor = LocalExecutor(evaluator, workers=2)
    with pytest.raises(EvaluatorError, match="no boxes left"):
        list(run_jobs(executor, [Job(number, GOOD, seed=number) for number in range(5)]))
    assert evaluator.cancelled.is_set()


def test_an_interrupt_kills_the_work_in_flight() -> None:
    threads = set(threading.enumerate())
    timer = threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGINT))
    begun = time.monotonic()
    timer.start()
    with closing(LocalExecutor(FakeEvaluator(), workers=2)) as executor, pytest.raises(KeyboardInterrupt):
        list(run_jobs(executor, [Job(0, ENDLESS, seed=0), Job(1, ENDLESS, seed=0)]))
    timer.join()
    assert time.monotonic() - begun < 10.0
    assert set(threading.enumerate()) <= threads


def test_outcomes_come_as_they_finish() -> None:
    executor = LocalExecutor(FakeEvaluator(), workers=2)
    answers = run_jobs(executor, [Job(0, ENDLESS, seed=0), Job(1, GOOD, seed=0), Job(2, GOOD, seed=1)])
    assert [next(answers)[0].number, next(answers)[0].number] == [1, 2]
    answers.close()
