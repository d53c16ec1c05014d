"""Writing and training at the same time: what is written while other candidates train, and what comes of both.

One thread writes, one batch of requests at a time; the executor trains in threads of its own. Everything they finish
arrives here, for the one thread that keeps the archive. In which order it arrives changes nothing that is stored: keys
and seeds were assigned before.
"""

import queue
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, wait
from dataclasses import dataclass
from typing import Self, final

from archwright.cancellation import WRITER
from archwright.candidate import Candidate, Key, Outcome
from archwright.errors import ArchwrightError, EvaluationCancelledError, SpentError
from archwright.evaluation.evaluator import Executor, Job
from archwright.generators.generator import Generator, Models, Request
from archwright.stopwatch import Stopwatch

LOOK_S = 0.2
"""Seconds after which a writer that waits for the archive looks whether the study was stopped."""


@dataclass(frozen=True, slots=True)
class Written:
    """Candidates that became known together, and what it took to write them."""

    candidates: list[Candidate]
    wall_s: float
    cpu_s: float


Write = Callable[[Sequence[Request]], Iterator[Written]]


def write(generator: Generator, requests: Sequence[Request], models: Models) -> Iterator[Written]:
    """Yield what `generator` writes, with the time since the candidates before.

    Raises ArchwrightError unless every request gets one candidate: the loop would ask for the others for ever.
    """
    clock = Stopwatch()
    left = {request.key for request in requests}
    for candidates in generator.write(requests, models):
        for key in [candidate.key for candidate in candidates]:
            if key not in left:
                raise ArchwrightError(f"the generator '{generator.name}' wrote {key}, {_NOT_ASKED}", _ONE_EACH)
            left.remove(key)
        if candidates:
            yield Written(candidates, clock.wall_s, clock.cpu_s)
        clock = Stopwatch()
    if left:
        missing = ", ".join(map(str, sorted(left)))
        raise ArchwrightError(f"the generator '{generator.name}' did not write {missing}", _ONE_EACH)


_NOT_ASKED = "which it was not asked for or has written already"
_ONE_EACH = "have it write one candidate for every request, with its key (`archwright.testing.generators` checks it)"


@dataclass(frozen=True, slots=True)
class Trained:
    """The outcome of a candidate."""

    candidate: Candidate
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class _Errand:
    """Something that the one thread which keeps the archive is to do before the writer goes on."""

    work: Callable[[], None]
    done: "Future[None]"

    def run(self) -> None:
        try:
            self.work()
        except BaseException as error:
            self.done.set_exception(error)
            raise
        self.done.set_result(None)


@dataclass(frozen=True, slots=True)
class _Finished:
    """The writer has written everything it was asked for, or failed."""

    error: BaseException | None


@final
class Pipeline:
    """What is being written and trained; use it in a `with` statement, whose end stops all of it but the writer.

    An answer of a model cannot be interrupted. It begins when the writer of the pipeline before it, `after`, is done:
    two at once would ask the same models.
    """

    def __init__(self, write: Write, executor: Executor, after: "Pipeline | None" = None) -> None:
        if after is not None:
            after.join()
        self._write = write
        self._executor = executor
        self._arrived: queue.SimpleQueue[Written | _Errand | _Finished | tuple[Candidate, Future[Outcome]]]
        self._arrived = queue.SimpleQueue()
        self._writer: threading.Thread | None = None
        self._is_stopped = False
        self._batch = 0
        self.training = 0
        """Candidates whose outcome has not been taken yet."""
        self.held: list[Candidate] = []
        """Candidates that are written and wait for some before them to be."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._is_stopped = True
        if self.training:
            self._executor.cancel()

    def join(self) -> None:
        """Wait for the writer."""
        if self._writer is not None:
            self._writer.join()

    def hold(self, candidates: Sequence[Candidate], missing: Key) -> list[Candidate]:
        """Keep the candidates for whom one before them, `missing`, is still to be written, and return the others."""
        known = [*self.held, *candidates]
        self.held = [candidate for candidate in known if candidate.key > missing]
        return [candidate for candidate in known if candidate.key < missing]

    def release(self) -> list[Candidate]:
        """Return the candidates that were kept."""
        released, self.held = self.held, []
        return released

    @property
    def is_idle(self) -> bool:
        """Whether nothing is written or trained, and everything that was has been taken."""
        return not self.training and not self.is_writing

    @property
    def is_writing(self) -> bool:
        """Whether candidates are still to be written."""
        return self._writer is not None

    @property
    def has_room(self) -> bool:
        """Whether to write ahead: less trains or waits than twice what runs at once, or than was written at a time."""
        return self.training < max(2 * max(1, self._executor.workers), self._batch)

    def write(self, requests: Sequence[Request]) -> None:
        """Begin to write candidates, once those asked for before are written."""
        self._batch = len(requests)
        # A daemon: a model in the middle of an answer cannot be stopped, and must not keep the process from ending.
        self._writer = threading.Thread(target=self._work, args=(requests,), name=WRITER, daemon=True)
        self._writer.start()

    def train(self, candidate: Candidate, job: Job) -> None:
        """Begin to train a candidate as soon as there is a worker for it."""
        self.training += 1
        future = self._executor.submit(job)
        future.add_done_callback(lambda future: self._arrived.put((candidate, future)))

    def in_turn(self, work: Callable[[], None]) -> None:
        """Have `work` done by the thread that calls `next`, and wait for it; for the writer, between two answers.

        Raises EvaluationCancelledError when the pipeline has ended meanwhile: nobody would do it.
        """
        errand = _Errand(work, Future())
        self._arrived.put(errand)
        while not errand.done.done():
            if self._is_stopped:
                raise EvaluationCancelledError("the study was stopped", "resume it")
            wait([errand.done], timeout=LOOK_S)
        errand.done.result()

    def next(self) -> Written | Trained | SpentError | None:
        """Wait for what is finished next; None when it was the writing, SpentError when that ended at a limit.

        Raises what else writer or executor raised.
        """
        arrived = self._arrived.get()
        while isinstance(arrived, _Errand):
            arrived.run()
            arrived = self._arrived.get()
        if isinstance(arrived, Written):
            return arrived
        if isinstance(arrived, _Finished):
            self._writer = None
            if isinstance(arrived.error, SpentError):
                return arrived.error
            if arrived.error is not None:
                raise arrived.error
            return None
        candidate, future = arrived
        self.training -= 1
        return Trained(candidate, future.result())

    def _work(self, requests: Sequence[Request]) -> None:
        try:
            for written in self._write(requests):
                if self._is_stopped:
                    return
                self._arrived.put(written)
        except BaseException as error:  # noqa: BLE001 - the outermost place of this thread: the caller raises it
            self._arrived.put(_Finished(error))
        else:
            self._arrived.put(_Finished(None))
