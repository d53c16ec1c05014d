"""The Executor of a cluster: the local one, with as many threads waiting as there are slots on the nodes."""

from collections.abc import Callable, Generator, Iterable
from typing import final

from archwright.candidate import Outcome
from archwright.evaluation.evaluator import Evaluator, Job
from archwright.evaluation.executors import LocalExecutor


@final
class RayExecutor:
    """Runs jobs on every node of a Ray cluster; it owns its evaluator and closes it."""

    def __init__(self, evaluator: Evaluator, slots: Callable[[], int]) -> None:
        """Evaluate with `evaluator`, as many at once as `slots` says when a run begins."""
        self._evaluator = evaluator
        self._slots = slots

    def run(self, jobs: Iterable[Job]) -> Generator[tuple[Job, Outcome], None, None]:
        """Yield each job with its outcome as it finishes; closing the iterator kills the work in flight.

        Jobs are taken only when there is a slot for them. Raises EvaluatorError when the cluster is lost or a node is
        not like the others.
        """
        return LocalExecutor(self._evaluator, max(1, self._slots())).run(jobs)

    def close(self) -> None:
        """Kill running jobs, stop every process on every node and leave the cluster."""
        self._evaluator.close()
