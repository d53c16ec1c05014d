"""A study's finalists without training: one double for the tests of finals and of grids."""

from archwright.evaluation.evaluator import Job
from archwright.evaluation.trials import TEST
from archwright.testing.evaluators import FakeEvaluator
from archwright.testing.executors import SerialExecutor


class Trained:
    """An executor that keeps what it is asked to score on the test split; Ctrl-C comes after `most` of them."""

    workers = 1

    def __init__(self) -> None:
        self._executor = SerialExecutor(FakeEvaluator())
        self.settle, self.cancel, self.close = self._executor.settle, self._executor.cancel, self._executor.close
        self.tested: list[Job] = []
        self.most = 1_000

    def submit(self, job: Job):  # type: ignore[no-untyped-def]
        if job.split == TEST:
            if len(self.tested) == self.most:
                raise KeyboardInterrupt
            self.tested.append(job)
        return self._executor.submit(job)
