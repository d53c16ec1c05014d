"""The Executor of a cluster: the local one, with as many threads waiting as there are slots on the nodes."""

from collections.abc import Generator, Iterable
from typing import final

from archwright.candidate import Outcome
from archwright.evaluation.cluster.evaluator import RayEvaluator
from archwright.evaluation.evaluator import Job
from archwright.evaluation.executors import LocalExecutor


@final
class RayExecutor:
    """Runs jobs on every node of a Ray cluster; it owns its evaluator and closes it."""

    def __init__(self, evaluator: RayEvaluator) -> None:
        self._evaluator = evaluator

    def run(self, jobs: Iterable[Job]) -> Generator[tuple[Job, Outcome], None, None]:
        """Yield each job with its outcome as it finishes; slots are counted anew for every run.

        Jobs are taken only when there is a slot for them; closing the iterator kills the work in flight. Raises
        EvaluatorError when the cluster is lost or a node is not like the others.
        """
        return LocalExecutor(self._evaluator, max(1, self._evaluator.slots)).run(jobs)

    def close(self) -> None:
        """Kill running jobs, stop every process on every node and leave the cluster."""
        self._evaluator.close()
