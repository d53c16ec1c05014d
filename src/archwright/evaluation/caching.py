"""Nothing is trained twice: an Evaluator that remembers what programs came to.

An outcome is kept under everything it follows from: the program, the task with its data, recipe and budget, the
protocol, the seed, the aliases of the classes, how and on what it was trained, and the source of Archwright. It
serves the same text only: what is alike for novelty can come out differently, since what `Net` never reaches runs too.
Outcomes that may differ the next time (time-outs, memory, signals) are not kept.
"""

import hashlib
import json
import platform
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, final

import numpy as np

import archwright
from archwright.cache import cache_root
from archwright.cancellation import current
from archwright.candidate import NO_SECONDS, FailureKind, Fidelity, Outcome, Program
from archwright.config import SandboxConfig
from archwright.evaluation.device import CPU
from archwright.evaluation.evaluator import Evaluator
from archwright.evaluation.result_store import ResultStore
from archwright.machine import gpu_models, processor
from archwright.task import Task

if TYPE_CHECKING:
    from archwright.evaluation.data import TaskData

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
    graphics = [] if device == CPU else sorted({*gpu_models()}) or [f"a GPU of {platform.node()}"]
    cpu = " ".join(filter(None, [platform.machine(), processor()]))
    return ", ".join([device, *graphics, cpu, f"torch {version('torch')}"])


def context_of(
    task: Task, sandbox: SandboxConfig, data: "TaskData", *, contract: str = "network", secret: bytes
) -> str:
    """Return a digest of everything but program, seed and place that an outcome follows from.

    `secret` decides the aliases of classes.
    """
    arrays = hashlib.blake2b()
    for split in (data.train, data.validation):
        arrays.update(np.ascontiguousarray(split.images).data)
        arrays.update(np.ascontiguousarray(split.labels).data)
    facts = {
        "source": source_digest(),
        "contract": contract,
        "threads": sandbox.threads,
        "policy": sandbox.policy,
        "task": task.model_dump(mode="json"),
        "data": [arrays.hexdigest(), data.mean, data.std],
        "classes": hashlib.sha256(b"aliases" + secret).hexdigest(),
    }
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()


@cache
def source_digest() -> str:
    """Return a digest of all of our source: a list of what decides an outcome could forget something."""
    digest, root = hashlib.sha256(), Path(archwright.__file__).parent
    for path in sorted(root.rglob("*.py")):
        digest.update(str(path.relative_to(root)).encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


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

    def settle(self, program: Program, *, seed: int) -> Outcome | None:
        """Return what is known already."""
        return self._evaluator.settle(program, seed=seed) or self._known(self._key(self._place(), program, seed))

    def evaluate(self, program: Program, *, seed: int, at: Fidelity | None = None, split: str | None = None) -> Outcome:
        """Return what happened to `program`, trained with `seed`, now or before; only the search's trials are kept."""
        if at is not None or split is not None:
            return self._evaluator.evaluate(program, seed=seed, at=at, split=split)
        place = self._place()
        key = self._key(place, program, seed)
        with self._alone(key):
            if known := self._known(key):
                return known
            outcome = self._evaluator.evaluate(program, seed=seed)
            if _is_kept(outcome) and self._place() == place:
                self._store.put(key, outcome)
            return outcome

    def close(self) -> None:
        """Close the evaluator behind."""
        self._evaluator.close()

    def _known(self, key: str) -> Outcome | None:
        known = self._store.get(key)
        if known is None or known.isolation < self._least_isolation:
            return None
        return replace(known, cached=True, seconds=NO_SECONDS, cpu_s=0.0, gpu_s=0.0, received_bytes=0)

    def _key(self, place: str, program: Program, seed: int) -> str:
        return hashlib.sha256(f"{self._context}/{place}/{program.digest}/{seed}".encode()).hexdigest()

    @contextmanager
    def _alone(self, key: str) -> Iterator[None]:
        """Let one thread work on `key` at a time: who comes second finds what the first has stored."""
        cancellation = current()
        with cancellation.waking(self._notify), self._changed:
            self._changed.wait_for(lambda: cancellation.is_cancelled or key not in self._in_work)
            cancellation.check()
            self._in_work.add(key)
        try:
            yield
        finally:
            with self._changed:
                self._in_work.discard(key)
                self._changed.notify_all()

    def _notify(self) -> None:
        with self._changed:
            self._changed.notify_all()


def _is_kept(outcome: Outcome) -> bool:
    """Return whether the outcome cost something, is small and will be the same next time."""
    is_final = outcome.is_valid or (outcome.failure is not None and outcome.failure.kind in DETERMINISTIC)
    return is_final and bool(outcome.seconds) and len(outcome.log) <= LONGEST_LOG
