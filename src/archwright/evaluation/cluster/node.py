"""What runs on a machine of the cluster: one process with the evaluator that this machine would use by itself.

The data set is loaded once and shared by all boxes of the machine, and so is the warm process they are forked from.
Everything that leaves the machine was made by our own code: an Outcome of numbers and sanitised text.
"""

import hashlib
import platform
import queue
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, final

import numpy as np

from archwright import __version__
from archwright.candidate import Outcome, Program
from archwright.config import SandboxConfig
from archwright.errors import EvaluationCancelledError
from archwright.task import Task

if TYPE_CHECKING:
    from archwright.evaluation.data import TaskData

SAMPLE = 256
"""Images of each split that enter the fingerprint."""


@dataclass(frozen=True, slots=True)
class Introduction:
    """What a node says of itself; a cluster is of one mind about all of it but the name."""

    name: str
    archwright: str
    data: str
    """Fingerprint of its copy of the data set."""


def fingerprint(data: "TaskData") -> str:
    """Return a digest of what decides the scores of a task: labels, normalisation and a sample of the images."""
    digest = hashlib.sha256(repr((data.spec, data.mean, data.std)).encode())
    for split in (data.train, data.validation):
        digest.update(np.asarray(split.labels).tobytes())
        digest.update(split.images[:: len(split) // SAMPLE + 1].tobytes())
    return digest.hexdigest()


@final
class Node:
    """The evaluator of one machine, as a Ray actor: `slots` evaluations at once, spread over its devices."""

    def __init__(self, task: Task, sandbox: SandboxConfig, slots: int, secret: bytes) -> None:
        """Classes get their aliases from `secret`, the same on every node."""
        self._task, self._sandbox, self._slots, self._secret = task, sandbox, slots, secret
        self._turn = 0
        self._in_flight = 0
        self._lock = threading.Lock()

    def start(self) -> Introduction:
        """Load the data and start the sandbox; raises what the local evaluator raises."""
        from archwright.evaluation.data import load_task_data
        from archwright.evaluation.sandboxed import SandboxEvaluator, start_boxes

        data = load_task_data(self._task)
        self._boxes = start_boxes()
        options = [self._sandbox.model_copy(update={"device": device}) for device in _devices()]
        self._evaluators = [
            SandboxEvaluator(self._task, option, data, boxes=self._boxes, secret=self._secret) for option in options
        ]
        self._free: queue.SimpleQueue[SandboxEvaluator] = queue.SimpleQueue()
        for number in range(self._slots):
            self._free.put(self._evaluators[number % len(self._evaluators)])
        return Introduction(platform.node(), __version__, fingerprint(data))

    def evaluate(self, program: Program, seed: int, turn: int) -> Outcome:
        """Return what happened to `program`; `turn` is the caller's count of cancellations so far."""
        with self._lock:
            if turn < self._turn:
                raise EvaluationCancelledError("the evaluation was cancelled", "run it again")
            self._in_flight += 1
        evaluator = self._free.get()
        try:
            outcome = evaluator.evaluate(program, seed=seed)
        finally:
            self._free.put(evaluator)
            with self._lock:
                self._in_flight -= 1
        return replace(outcome, seconds=dict(outcome.seconds))  # a read-only view cannot be pickled

    def cancel(self, turn: int) -> None:
        """Stop every evaluation of an earlier turn, even one that is about to start; return when none is left."""
        with self._lock:
            self._turn = turn
        while self._in_flight:
            for evaluator in self._evaluators:
                evaluator.cancel()
            time.sleep(0.02)

    def close(self) -> None:
        """Stop every process and leave no file behind."""
        self._boxes.close()


def _devices() -> Sequence[str]:
    """Return the GPUs that Ray gave this process, by their number on the machine, else the CPU."""
    import ray

    return [f"cuda:{number}" for number in ray.get_gpu_ids()] or ["cpu"]
