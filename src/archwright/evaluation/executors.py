"""The local Executor: as many evaluations at once as this machine has cores, outcomes streamed as they finish."""

import os
import queue
import threading
from collections.abc import Generator, Iterable
from typing import final

from archwright.candidate import Outcome
from archwright.evaluation.evaluator import Evaluator, Job

Answer = tuple[Job, Outcome | BaseException]


def cores() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@final
class LocalExecutor:
    """Runs jobs on this machine; it owns its evaluator and closes it."""

    def __init__(self, evaluator: Evaluator, workers: int) -> None:
        """Evaluate with `evaluator`, `workers` at once; 0 means one per core this process may use."""
        self._evaluator = evaluator
        self.workers = workers or cores()

    def run(self, jobs: Iterable[Job]) -> Generator[tuple[Job, Outcome], None, None]:
        """Yield each job with its outcome as it finishes; closing the iterator kills the work in flight.

        Jobs are taken from `jobs` only when a worker is free. Raises what the evaluator raises, and stops.
        """
        waiting = iter(jobs)
        answers: queue.SimpleQueue[Answer] = queue.SimpleQueue()
        working: set[threading.Thread] = set()
        by_job: dict[int, threading.Thread] = {}
        try:
            while True:
                while len(working) < self.workers and (job := next(waiting, None)) is not None:
                    thread = threading.Thread(target=self._work, args=(job, answers), daemon=True)
                    by_job[id(job)] = thread
                    working.add(thread)
                    thread.start()
                if not working:
                    return
                job, answer = answers.get()
                working.discard(by_job.pop(id(job)))
                if isinstance(answer, BaseException):
                    raise answer
                yield job, answer
        finally:
            if working:
                self._evaluator.cancel()
                for thread in working:
                    if thread.is_alive():  # Ctrl-C can come between making a thread and starting it
                        thread.join()

    def close(self) -> None:
        """Kill running jobs and stop every process."""
        self._evaluator.cancel()
        self._evaluator.close()

    def _work(self, job: Job, answers: "queue.SimpleQueue[Answer]") -> None:
        try:
            answers.put((job, self._evaluator.evaluate(job.program, seed=job.seed)))
        except BaseException as error:  # noqa: BLE001 - the outermost place of this thread: the caller raises it
            answers.put((job, error))
