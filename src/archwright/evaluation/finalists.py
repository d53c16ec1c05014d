"""The evaluation that counts for finalists: what a fresh box predicts from source and weights alone.

A program is trained in one box; its weights, as bytes, then go with its source into a second one, which gets no
training images, no labels and another seed, and predicts the held-out images in a secret order, mixed with images the
first box has predicted. A third box predicts a sample of the same images, in other batches and another order. The
supervisor puts all of it back in order and compares.

Promise: a score given here belongs to a function of one image, computed by the source from numbers that were counted as
parameters (or are free buffers, `counting`). What a program kept elsewhere during training, in lists, closures, globals
or files, is not in the second box; what it draws at random is drawn differently there; what it takes from neighbours in
a batch differs in the third. Not covered: constants that the source itself holds or computes.
"""

from dataclasses import replace
from typing import TYPE_CHECKING, final

import numpy as np
from numpy.typing import NDArray

from archwright.candidate import Failure, FailureKind, Outcome, Program, Stage
from archwright.config import SandboxConfig
from archwright.evaluation.classes import installation_secret, secret_order
from archwright.evaluation.results import Trained
from archwright.evaluation.sandboxed import SandboxEvaluator
from archwright.evaluation.scoring import score_logits
from archwright.sandbox.supervisor import Sandbox
from archwright.task import Task

if TYPE_CHECKING:
    from archwright.evaluation.data import Split, TaskData

PROBE_IMAGES = 1_000
"""At most so many images are predicted by the training box and by the fresh one, and compared."""
SAMPLE_PARTS = 2
"""One in so many held-out images is predicted again among other neighbours."""
TOLERANCE = 1e-3
"""Logits are the same when they differ by less than this share of their spread: kernels add in other orders.

Of the 36 seed networks, none differs by more than 4e-7.
"""
GPU_TOLERANCE = 0.05
"""The same for devices that calculate in bf16 or TF32."""
ALLOWED_SHARE = 0.01
"""Share of images whose logits may differ by more."""

OUR_LIMITS = (FailureKind.TIMEOUT, FailureKind.OUT_OF_MEMORY, FailureKind.DEVICE_FAULT)
"""Failures of a fresh box that say nothing about the weights."""


@final
class FinalistEvaluator:
    """An Evaluator whose scores come from fresh boxes; it costs one training and about three predictions."""

    def __init__(
        self,
        task: Task,
        sandbox: SandboxConfig,
        data: "TaskData",
        held_out: "Split",
        *,
        boxes: Sandbox | None = None,
        secret: bytes | None = None,
    ) -> None:
        """Train on `data.train`, compare on `data.validation` and score on `held_out`.

        The box that trains sees no image of `held_out`, unless it is part of `data`.
        """
        self._secret = installation_secret() if secret is None else secret
        self._trainer = SandboxEvaluator(task, sandbox, data, boxes=boxes, secret=self._secret)
        self.workers = self._trainer.workers
        self._probe = np.asarray(data.validation.images[:PROBE_IMAGES])
        self._held_out = held_out

    def evaluate(self, program: Program, *, seed: int) -> Outcome:
        """Return what happened to `program`; its scores are those of a fresh box on the held-out images."""
        kept: list[Trained] = []
        outcome = self._trainer.train(program, seed=seed, keep=kept.append)
        if not outcome.is_valid:
            return outcome
        (trained,) = kept
        return self._rescore(outcome, trained)

    def close(self) -> None:
        """Stop every process and free the data."""
        self._trainer.close()

    def _rescore(self, first: Outcome, trained: Trained) -> Outcome:
        """Return the outcome with the scores of the fresh boxes, or what was wrong with them."""
        n, batch = len(self._held_out), trained.plan.batch
        tolerance = GPU_TOLERANCE if self._trainer.uses_gpu else TOLERANCE
        pool = np.concatenate((np.asarray(self._held_out.images), self._probe))
        order = self._order(trained, "all", len(pool))
        second, shuffled = self._trainer.predict(trained, pool[order], batch)
        total = _added(first, second)
        if second.failure is not None:
            return _failed(total, second.failure)
        sample = self._order(trained, "sample", n)[: max(1, n // SAMPLE_PARTS)]
        third, again = self._trainer.predict(trained, pool[sample], max(1, batch * 2 // 3))
        total = _added(total, third)
        if third.failure is not None:
            return _failed(total, third.failure)
        logits = shuffled[np.argsort(order)]
        if share := differing(logits[sample], again, tolerance):
            return _disagreed(total, share, "an image's logits change from batch to batch", _NO_BATCH)
        if share := differing(trained.logits[: len(self._probe)], logits[n:], tolerance):
            return _disagreed(total, share, "a fresh box, given the weights, does not predict the same", _NO_STATE)
        scores = score_logits(logits[:n], trained.aliases[np.asarray(self._held_out.labels)])
        return replace(total, stage=Stage.SCORE, scores=scores)

    def _order(self, trained: Trained, purpose: str, n: int) -> NDArray[np.int64]:
        return secret_order(self._secret, f"{purpose}/{trained.plan.seed}", n)


_NO_STATE = "keep everything that is learned in parameters and buffers of Net, built in __init__, always the same"
_NO_BATCH = (
    "forward must treat every image alone in eval mode: take no statistics over the batch, keep nothing between calls "
    "and draw nothing at random (F.dropout needs training=self.training)"
)


def differing(first: NDArray[np.float32], second: NDArray[np.float32], tolerance: float) -> float:
    """Return the share of rows of two finite logits (N, C) that are not the same, 0.0 up to `ALLOWED_SHARE`."""
    if len(first) == 0:
        return 0.0
    share = float((difference(first, second) > tolerance).mean())
    return share if share > ALLOWED_SHARE else 0.0


def difference(first: NDArray[np.float32], second: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return the largest difference in each row of two finite logits (N, C), as a share of the spread of the logits.

    The spread is the row's own or the median of all rows, whichever is larger: float64 (N,).
    """
    one, other = first.astype(np.float64), second.astype(np.float64)
    spread = one.max(axis=1) - one.min(axis=1)
    scale = np.maximum(spread, np.median(spread))
    largest = np.abs(one - other).max(axis=1)
    share: NDArray[np.float64] = np.where(largest > 0, np.inf, 0.0)
    np.divide(largest, scale, out=share, where=scale > 0)
    return share


def _added(outcome: Outcome, more: Outcome) -> Outcome:
    """Return `outcome` without its scores and with the resources of another box added."""
    seconds = dict(outcome.seconds)
    seconds["rescore"] = seconds.get("rescore", 0.0) + more.seconds["total"]
    seconds["total"] += more.seconds["total"]
    return replace(
        outcome,
        scores=None,
        seconds=seconds,
        cpu_s=outcome.cpu_s + more.cpu_s,
        gpu_s=outcome.gpu_s + more.gpu_s,
        memory_mb=max(outcome.memory_mb, more.memory_mb),
        received_bytes=outcome.received_bytes + more.received_bytes,
        isolation=min(outcome.isolation, more.isolation),
    )


def _failed(outcome: Outcome, failure: Failure) -> Outcome:
    """Return the outcome of a program whose fresh box failed although its training box did not."""
    if failure.kind not in OUR_LIMITS:
        message = f"a fresh box, given source and weights, does not predict: {failure.message}"
        failure = replace(failure, kind=FailureKind.NOT_REPRODUCIBLE, message=message)
    return replace(outcome, stage=failure.stage, failure=failure)


def _disagreed(outcome: Outcome, share: float, finding: str, remedy: str) -> Outcome:
    message = f"{finding} ({100 * share:.1f} % of the images differ); {remedy}"
    return replace(outcome, stage=Stage.SCORE, failure=Failure(Stage.SCORE, FailureKind.NOT_REPRODUCIBLE, message))
