"""A cancel is seen by whoever works in its scope: before, during and in whatever it waits for."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from archwright.cancellation import Cancellation, current
from archwright.candidate import Fidelity, Outcome, Program, Stage
from archwright.errors import EvaluationCancelledError
from archwright.evaluation.evaluator import Job
from archwright.evaluation.executors import LocalExecutor
from archwright.testing.programs import GOOD


def test_what_is_cancelled_before_it_begins_does_not_begin() -> None:
    cancellation = Cancellation()
    cancellation.cancel()
    with pytest.raises(EvaluationCancelledError), cancellation.scope():
        pytest.fail("it began")


def test_who_waits_is_woken_once_and_who_has_finished_is_not() -> None:
    cancellation = Cancellation()
    woken: list[str] = []
    with cancellation.waking(lambda: woken.append("finished")):
        pass
    with cancellation.waking(lambda: woken.append("waiting")):
        cancellation.cancel()
        cancellation.cancel()
    assert woken == ["waiting"]
    with pytest.raises(EvaluationCancelledError), cancellation.waking(lambda: None):
        pytest.fail("it waited")


def test_a_scope_belongs_to_one_thread_and_ends() -> None:
    with ThreadPoolExecutor(1) as pool, Cancellation().scope():
        assert pool.submit(current).result() is not current()
    current().check()


class Checking:
    """An evaluator that checks programs until it may go on, and only then looks whether it was cancelled."""

    def __init__(self) -> None:
        self.may_go_on = threading.Event()
        self.trained = 0

    def settle(self, program: Program, *, seed: int) -> Outcome | None:
        return None

    def evaluate(self, program: Program, *, seed: int, at: Fidelity | None = None, split: str | None = None) -> Outcome:
        assert self.may_go_on.wait(20.0)
        current().check()
        self.trained += 1
        return Outcome(Stage.TRAIN, seed=seed)

    def close(self) -> None:
        pass


def test_a_job_still_in_its_checks_is_not_trained_after_a_cancel() -> None:
    evaluator = Checking()
    executor = LocalExecutor(evaluator, workers=1)
    running, waiting = (executor.submit(Job(number, GOOD, seed=number)) for number in range(2))
    with ThreadPoolExecutor(1) as pool:
        cancelling = pool.submit(executor.cancel)
        while not waiting.done():
            time.sleep(0.001)
        evaluator.may_go_on.set()
        cancelling.result(5.0)
    assert isinstance(running.exception(), EvaluationCancelledError)
    assert waiting.cancelled()
    assert evaluator.trained == 0
    assert executor.submit(Job(3, GOOD, seed=3)).result(5.0).seed == 3
    executor.close()
