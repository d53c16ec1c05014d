"""Nothing is trained twice: an Evaluator that remembers what programs came to.

An outcome is kept under everything it follows from: the program, the task with its data, recipe and budget, the
protocol, the seed, the aliases of the classes, how and on what it was trained, and the version of the evaluator. A
valid outcome also serves programs that differ from its own only in how they are written; a failure does not, because
its message quotes the program. Outcomes that may differ the next time (time-outs, memory, signals) are not kept.
"""

import hashlib
import json
import platform
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, final

import numpy as np

from archwright.cache import cache_root
from archwright.candidate import NO_SECONDS, FailureKind, Fidelity, Outcome, Program
from archwright.config import SandboxConfig
from archwright.contract import check_source, complete
from archwright.errors import EvaluationCancelledError
from archwright.evaluation.evaluator import Evaluator
from archwright.evaluation.result_store import ResultStore
from archwright.programs.canonical import canonical_digest, works_in_place
from archwright.task import Task

if TYPE_CHECKING:
    from archwright.evaluation.data import TaskData

EVALUATOR_VERSION = 5
"""Raised by hand with every change of checks, training or scoring after which old outcomes are not today's."""
FILE = "results.db"
LONGEST_LOG = 4_096
"""An outcome whose program printed more is not kept."""
DETERMINISTIC = frozenset(FailureKind) - {
    FailureKind.TIMEOUT,
    FailureKind.OUT_OF_MEMORY,
    FailureKind.KILLED,
    FailureKind.DEVICE_FAULT,
    FailureKind.BAD_RESULT,
}
"""Failures that happen again."""


def result_store() -> ResultStore:
    """Return the store in the cache folder of this user."""
    return ResultStore(cache_root() / FILE)


def place_of(device: str) -> str:
    """Return what decides on a machine how numbers are rounded; `device` is `cpu` or `cuda`."""
    return f"{device}, {_processor()}, torch {version('torch')}"


def context_of(task: Task, sandbox: SandboxConfig, data: "TaskData", *, secret: bytes) -> str:
    """Return a digest of everything but program, seed and place that an outcome follows from.

    `secret` decides the aliases of classes.
    """
    arrays = hashlib.blake2b()
    for split in (data.train, data.validation):
        arrays.update(np.ascontiguousarray(split.images).data)
        arrays.update(np.ascontiguousarray(split.labels).data)
    facts = {
        "evaluator": EVALUATOR_VERSION,
        "threads": sandbox.threads,
        "policy": sandbox.policy,
        "task": task.model_dump(mode="json"),
        "data": [arrays.hexdigest(), data.mean, data.std],
        "classes": hashlib.sha256(b"aliases" + secret).hexdigest(),
    }
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()


@final
class CachingEvaluator:
    """Answers from a store where it can, and fills it from another Evaluator, which it owns."""

    def __init__(
        self,
        evaluator: Evaluator,
        store: ResultStore,
        context: str,
        *,
        place: Callable[[], str] = str,
        least_isolation: int = 0,
    ) -> None:
        """Remember outcomes of `evaluator` under `context`, and use none of an isolation below `least_isolation`.

        `place` says where a program would be trained now; on a cluster that can change at any time.
        """
        self._evaluator = evaluator
        self._place = place
        self._store = store
        self._context = context
        self._least_isolation = least_isolation
        self._changed = threading.Condition()
        self._in_work: set[str] = set()
        self._cancellations = 0

    def settle(self, program: Program, *, seed: int) -> Outcome | None:
        """Return what is known already."""
        return self._evaluator.settle(program, seed=seed) or self._known(self._keys(self._place(), program, seed))

    def evaluate(self, program: Program, *, seed: int, at: Fidelity | None = None, split: str | None = None) -> Outcome:
        """Return what happened to `program`, trained with `seed`, now or before; only the search's trials are kept."""
        if at is not None or split is not None:
            return self._evaluator.evaluate(program, seed=seed, at=at, split=split)
        place = self._place()
        exact = self._key(place, "program", program.digest, seed)
        alike = self._alike(place, program, seed)
        with self._alone(alike or exact):
            if known := self._known([exact, alike] if alike else [exact]):
                return known
            outcome = self._evaluator.evaluate(program, seed=seed)
            if _is_kept(outcome) and self._place() == place:
                # What a program printed may quote it, as the message of a failure does.
                is_shared = alike is not None and outcome.is_valid and not outcome.log
                self._store.put([exact, alike] if alike and is_shared else [exact], outcome)
            return outcome

    def cancel(self) -> None:
        """Stop every evaluation in flight, each of which raises EvaluationCancelledError."""
        with self._changed:
            self._cancellations += 1
            self._changed.notify_all()
        self._evaluator.cancel()

    def close(self) -> None:
        """Close the evaluator behind."""
        self._evaluator.close()

    def _keys(self, place: str, program: Program, seed: int) -> list[str]:
        exact, alike = self._key(place, "program", program.digest, seed), self._alike(place, program, seed)
        return [exact, alike] if alike else [exact]

    def _known(self, keys: list[str]) -> Outcome | None:
        known = self._store.get(keys)
        if known is None or known.isolation < self._least_isolation:
            return None
        return replace(known, cached=True, seconds=NO_SECONDS, cpu_s=0.0, gpu_s=0.0, received_bytes=0)

    def _alike(self, place: str, program: Program, seed: int) -> str | None:
        """Return the key that programs share which differ only in how they are written."""
        if check_source(program.source, with_policy=False):
            return None  # it will be refused unrun, and may be of any size and form
        try:
            if works_in_place(program.source):
                return None
            return self._key(place, "canonical", canonical_digest(complete(program.source)), seed)
        except ValueError:
            return None

    def _key(self, place: str, kind: str, digest: str, seed: int) -> str:
        return hashlib.sha256(f"{self._context}/{place}/{kind}/{digest}/{seed}".encode()).hexdigest()

    @contextmanager
    def _alone(self, key: str) -> Iterator[None]:
        """Let one thread work on `key` at a time: who comes second finds what the first has stored."""
        with self._changed:
            cancellations = self._cancellations
            self._changed.wait_for(lambda: key not in self._in_work or self._cancellations != cancellations)
            if self._cancellations != cancellations:
                raise EvaluationCancelledError("the evaluation was cancelled", "run it again")
            self._in_work.add(key)
        try:
            yield
        finally:
            with self._changed:
                self._in_work.discard(key)
                self._changed.notify_all()


def _is_kept(outcome: Outcome) -> bool:
    """Return whether the outcome cost something, is small and will be the same next time."""
    is_final = outcome.is_valid or (outcome.failure is not None and outcome.failure.kind in DETERMINISTIC)
    return is_final and bool(outcome.seconds) and len(outcome.log) <= LONGEST_LOG


def _processor() -> str:
    """Return the model of this machine's processor: other ones round differently."""
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8", "replace").splitlines()
    except OSError:
        lines = []
    models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return " ".join([platform.machine(), *models[:1]])
