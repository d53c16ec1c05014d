"""What runs on a machine of the cluster: one process with the evaluator that this machine would use by itself.

The data set is loaded once and shared by all boxes of the machine, and so is the warm process they are forked from.
Everything that leaves the machine was made by our own code: an Outcome of numbers and sanitised text.
"""

import hashlib
import threading
from collections import defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, final

import numpy as np

from archwright import __version__
from archwright.cancellation import Cancellation
from archwright.candidate import Fidelity, Outcome, Program
from archwright.config import SandboxConfig
from archwright.contracts.contract import Contract
from archwright.evaluation.caching import place_of
from archwright.task import Task

if TYPE_CHECKING:
    from archwright.evaluation.data import TaskData

SAMPLE = 256
"""Images of each split that enter the fingerprint."""


@dataclass(frozen=True, slots=True)
class Introduction:
    """What a node says of itself."""

    archwright: str
    """Its version of us."""
    data: str
    """Fingerprint of its copy of the data set."""
    place: str
    """What decides how it rounds numbers (see `caching.place_of`)."""


def fingerprint(data: "TaskData") -> str:
    """Return a digest of what decides the scores of a task: labels, normalisation and a sample of the images."""
    digest = hashlib.sha256(repr((replace(data.spec, name="", facts=None), data.mean, data.std)).encode())
    for split in (data.train, data.validation):
        digest.update(np.asarray(split.labels).tobytes())
        digest.update(split.images[:: len(split) // SAMPLE + 1].tobytes())
    return digest.hexdigest()


@final
class Node:
    """The evaluator of one machine, as a Ray actor: `slots` evaluations at once, on all devices Ray gave it."""

    def __init__(
        self, task: Task, sandbox: SandboxConfig, slots: int, secret: bytes, contract: Contract | None = None
    ) -> None:
        """Classes get their aliases from `secret`, the same on every node."""
        self._task, self._sandbox, self._slots, self._secret = task, sandbox, slots, secret
        self._contract = contract
        self._cancellations: defaultdict[int, Cancellation] = defaultdict(Cancellation)
        self._lock = threading.Lock()

    def start(self) -> Introduction:
        """Load the data and start the sandbox; raises what the local evaluator raises."""
        import ray

        from archwright.evaluation.data import load_task_data
        from archwright.evaluation.trials import TrialEvaluator

        data = load_task_data(self._task)
        device = "cuda" if ray.get_gpu_ids() else "cpu"  # Ray shows this process the GPUs it may use, and no others
        options = self._sandbox.model_copy(update={"device": device, "workers": self._slots})
        self.evaluator = TrialEvaluator(self._task, options, data, contract=self._contract, secret=self._secret)
        return Introduction(__version__, fingerprint(data), place_of(self.evaluator.search.device_kind))

    def evaluate(self, number: int, program: Program, seed: int, at: Fidelity | None, split: str | None) -> Outcome:
        """Return what happened to `program` in one trial, which the caller gives a `number` of its own."""
        try:
            with self._cancellation(number).scope():
                outcome = self.evaluator.evaluate(program, seed=seed, at=at, split=split)
        finally:
            with self._lock:
                del self._cancellations[number]
        return replace(outcome, seconds=dict(outcome.seconds))  # a read-only view cannot be pickled

    def cancel(self, number: int) -> None:
        """Stop the evaluation with `number`; calls may overtake each other, so it may not have begun."""
        self._cancellation(number).cancel()

    def close(self) -> None:
        """Stop every process and leave no file behind."""
        self.evaluator.close()

    def _cancellation(self, number: int) -> Cancellation:
        with self._lock:
            return self._cancellations[number]
