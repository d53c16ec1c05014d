"""The local Executor: as many evaluations at once as this machine has cores; and outcomes as they finish."""

import queue
import threading
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import final

from archwright.cancellation import Cancellation
from archwright.candidate import Outcome
from archwright.evaluation.evaluator import Evaluator, Executor, Job
from archwright.machine import cores

MOST_THREADS = 1_024
"""Threads that wait for evaluations when the number of workers can change."""


def run_jobs(executor: Executor, jobs: Iterable[Job]) -> Generator[tuple[Job, Outcome], None, None]:
    """Yield each job with its outcome as it finishes; closing the iterator stops the work in flight.

    Jobs are taken only when there is a worker for them. Raises what the evaluator raises, and stops.
    """
    waiting = iter(jobs)
    finished: queue.SimpleQueue[tuple[Job, Future[Outcome]]] = queue.SimpleQueue()
    in_flight = 0
    try:
        while True:
            while in_flight < max(1, executor.workers) and (job := next(waiting, None)) is not None:
                in_flight += 1
                future = executor.submit(job)
                future.add_done_callback(lambda future, job=job: finished.put((job, future)))  # type: ignore[misc]
            if not in_flight:
                return
            job, future = finished.get()
            in_flight -= 1
            yield job, future.result()
    finally:
        if in_flight:
            executor.cancel()


@final
class LocalExecutor:
    """Runs jobs in threads of this process, each waiting for one evaluation; owns its evaluator and closes it."""

    def __init__(self, evaluator: Evaluator, workers: int | Callable[[], int] = 0) -> None:
        """Evaluate with `evaluator`, `workers` at once: 0 means one per core; a function may change its answer."""
        self._evaluator = evaluator
        self._workers = (workers or cores()) if isinstance(workers, int) else workers
        threads = self._workers if isinstance(self._workers, int) else MOST_THREADS
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="evaluation")
        self._in_flight: set[Future[Outcome]] = set()
        self._cancellation = Cancellation()
        self._lock = threading.Lock()

    @property
    def workers(self) -> int:
        """How many jobs run at once now."""
        return self._workers if isinstance(self._workers, int) else self._workers()

    def settle(self, job: Job) -> Outcome | None:
        """Return the outcome of `job` where that needs no training."""
        if job.at is not None or job.split is not None:
            return None
        return self._evaluator.settle(job.program, seed=job.seed)

    def submit(self, job: Job) -> "Future[Outcome]":
        """Run `job` when a worker is free."""
        with self._lock:
            future = self._pool.submit(self._evaluate, job, self._cancellation)
            self._in_flight.add(future)
        future.add_done_callback(self._forget)
        return future

    def cancel(self) -> None:
        """Stop the jobs in flight and drop those that wait; return when none is left."""
        with self._lock:
            cancelled, self._cancellation = self._cancellation, Cancellation()
            left = set(self._in_flight)
        cancelled.cancel()
        for future in left:
            future.cancel()
        wait(left)

    def close(self) -> None:
        """Cancel everything, stop every process and end the threads."""
        self.cancel()
        self._evaluator.close()
        self._pool.shutdown()

    def _evaluate(self, job: Job, cancellation: Cancellation) -> Outcome:
        with cancellation.scope():
            return self._evaluator.evaluate(job.program, seed=job.seed, at=job.at, split=job.split)

    def _forget(self, future: "Future[Outcome]") -> None:
        with self._lock:
            self._in_flight.discard(future)
