"""An executor that is stopped on the way: one double for the tests of studies that go on."""

from concurrent.futures import Future

from archwright.candidate import Outcome
from archwright.evaluation.evaluator import Job
from archwright.testing.evaluators import FakeEvaluator
from archwright.testing.executors import SerialExecutor


class InterruptedExecutor:
    """Lets so many jobs through, then behaves as if somebody had pressed Ctrl-C."""

    workers = 1

    def __init__(self, jobs: int, evaluator: FakeEvaluator | None = None) -> None:
        self._serial, self._left = SerialExecutor(evaluator or FakeEvaluator()), jobs
        self.settle, self.cancel, self.close = self._serial.settle, self._serial.cancel, self._serial.close

    def submit(self, job: Job) -> "Future[Outcome]":
        self._left -= 1
        if self._left < 0:
            raise KeyboardInterrupt
        return self._serial.submit(job)
