"""The evaluation that counts for finalists: what fresh boxes predict from source and weights alone.

A program is first built in a box of its own, in which nothing is trained: its layout, its parameters and its FLOPs are
counted there. It is trained in a second box, which has to have built the same. The weights, one block of bytes that
this layout alone gives a meaning, then go with the source into fresh boxes, which get no training images, no labels and
another seed. They are asked about the held-out images, mixed with images the training box has predicted: each box about
a part of its own, in a secret order and in small batches of random sizes, one after the other. Further boxes are asked
about a sample of the same images, mixed otherwise. The supervisor puts all of it back in order and compares.

A score is the likeliest class, so it is compared too: classes as likely as one another but for rounding are one, whose
first counts, and an image that gets another class from other neighbours differs, whatever its logits.

Promise: a score given here belongs to a function of one image, computed by the source from numbers that were counted as
parameters (or are statistics of normalisation, `box.layout`). What a program kept elsewhere during training, in lists,
closures, globals or files, is not in the fresh boxes; what it draws at random is drawn differently there; what it takes
from neighbours in a batch, or from images it was asked about before, differs from box to box. Not covered: constants
that the source itself holds or computes.
"""

from dataclasses import replace
from typing import TYPE_CHECKING, final

import numpy as np
from numpy.typing import NDArray

from archwright.candidate import Failure, FailureKind, Outcome, Program, Stage
from archwright.config import SandboxConfig
from archwright.contracts.contract import Contract
from archwright.evaluation.box.layout import mismatch
from archwright.evaluation.box.plan import Purpose
from archwright.evaluation.classes import installation_secret, secret_order, secret_random
from archwright.evaluation.examining import RowNumbers, in_small_batches
from archwright.evaluation.results import SavedNetwork, added
from archwright.evaluation.sandboxed import SandboxEvaluator
from archwright.sandbox.supervisor import Sandbox
from archwright.task import Task

if TYPE_CHECKING:
    from archwright.evaluation.data import Split, TaskData

PROBE_IMAGES = 1_000
"""At most so many images are predicted by the training box and by the fresh one, and compared."""
SAMPLE_PARTS = 2
"""One in so many held-out images is predicted again among other neighbours."""
BOXES = 2
"""So many boxes share the images, and as many others the sample."""
TOLERANCE = 1e-3
"""Logits are the same when they differ by less than this share of their spread: kernels add in other orders.

Of the 36 seed networks, none differs by more than 4e-7.
"""
GPU_TOLERANCE = 0.05
"""The same for devices that calculate in bf16 or TF32."""
ALLOWED_SHARE = 0.01
"""Share of images whose logits may differ by more."""
TIE = 1e-5
"""Classes are as likely whose logits are apart by less than this share of the largest and of the likeliest's spread.

Rounding alone decides between them, or a program that hides behind it. Not on GPUs, where rounding is visible.
"""
LIKELIEST = 3
"""Classes of an image whose logits are compared by themselves as well."""

OUR_LIMITS = (FailureKind.TIMEOUT, FailureKind.OUT_OF_MEMORY, FailureKind.DEVICE_FAULT)
"""Failures of a fresh box that say nothing about the weights."""


@final
class FinalistEvaluator:
    """An Evaluator whose scores come from fresh boxes; it costs one training, three predictions and five more boxes."""

    def __init__(
        self,
        task: Task,
        sandbox: SandboxConfig,
        data: "TaskData",
        held_out: "Split",
        *,
        contract: Contract | None = None,
        boxes: Sandbox | None = None,
        secret: bytes | None = None,
    ) -> None:
        """Train on `data.train`, compare on `data.validation` and score on `held_out`.

        The box that trains sees no image of `held_out`, unless it is part of `data`.
        """
        self._secret = installation_secret() if secret is None else secret
        self._trainer = SandboxEvaluator(task, sandbox, data, contract=contract, boxes=boxes, secret=self._secret)
        self.workers = self._trainer.workers
        self._probe = np.asarray(data.validation.images[:PROBE_IMAGES])
        self._held_out = held_out

    def evaluate(self, program: Program, *, seed: int) -> Outcome:
        """Return what happened to `program`; its scores are those of a fresh box on the held-out images."""
        built, fresh = self._trainer.build(program, seed=seed)
        if fresh is None:
            return built
        kept: list[SavedNetwork] = []
        trained_once = self._trainer.train(program, seed=seed, keep=kept.append, purpose=Purpose.FINAL)
        outcome = added(trained_once, built, "check")
        if not kept:
            return outcome
        (trained,) = kept
        if finding := mismatch(fresh, trained.layout):
            return _refused(outcome, f"built a second time, the program is another network: {finding}; {_NO_STATE}")
        trained = replace(trained, layout=fresh)
        params = self._trainer.count(trained)
        if isinstance(params, Failure):
            return replace(outcome, stage=params.stage, failure=params, scores=None)
        return self._rescore(replace(outcome, params=params), trained)

    def close(self) -> None:
        """Stop every process and free the data."""
        self._trainer.close()

    def _rescore(self, outcome: Outcome, trained: SavedNetwork) -> Outcome:
        """Return the outcome with the scores of the fresh boxes, or what was wrong with them."""
        n = len(self._held_out)
        tolerance = GPU_TOLERANCE if self._trainer.uses_gpu else TOLERANCE
        pool = np.concatenate((np.asarray(self._held_out.images), self._probe))
        tie = 0.0 if self._trainer.uses_gpu else TIE
        logits = np.empty((len(pool), *trained.plan.output_shape), np.float32)
        again = np.empty_like(logits)
        order = self._order(trained, "all", len(pool))
        sample = self._order(trained, "sample", n)[: max(1, n // SAMPLE_PARTS)]
        total = outcome
        for answers, rows, purpose in ((logits, order, "batches"), (again, sample, "sample batches")):
            random = secret_random(self._secret, f"{purpose}/{trained.plan.seed}")
            for part in np.array_split(rows, min(BOXES, len(rows))):
                more, answers[part] = self._ask(trained, pool, in_small_batches(part, random))
                total = added(total, more)
                if more.failure is not None:
                    return _failed(total, more.failure)
        if share := differing(logits[sample], again[sample], tolerance, tie):
            return _disagreed(total, share, "an image's logits change from batch to batch", _NO_BATCH)
        if share := differing(trained.answers[: len(self._probe)], logits[n:], tolerance, tie):
            return _disagreed(total, share, "a fresh box, given the weights, does not predict the same", _NO_STATE)
        scores = trained.score(without_ties(logits[:n], tie), np.asarray(self._held_out.labels))
        return replace(total, stage=Stage.SCORE, scores=scores)

    def _ask(
        self, trained: SavedNetwork, pool: NDArray[np.uint8], batches: list[RowNumbers]
    ) -> tuple[Outcome, NDArray[np.float32]]:
        """Return what a fresh box came to and answered; logits of nothing where it failed."""
        outcome, logits = self._trainer.predict(trained, pool, batches)
        missing = np.zeros((sum(map(len, batches)), *trained.plan.output_shape), np.float32)
        return outcome, missing if outcome.failure is not None else logits

    def _order(self, trained: SavedNetwork, purpose: str, n: int) -> RowNumbers:
        return secret_order(self._secret, f"{purpose}/{trained.plan.seed}", n)


_NO_STATE = "keep everything that is learned in parameters and buffers of Net, built in __init__, always the same"
_NO_BATCH = (
    "forward must treat every image alone in eval mode: take no statistics over the batch, keep nothing between calls "
    "and draw nothing at random (F.dropout needs training=self.training)"
)


def differing(first: NDArray[np.float32], second: NDArray[np.float32], tolerance: float, tie: float = 0.0) -> float:
    """Return the share of rows of two finite predictions (N, ...) that are not the same, 0.0 up to `ALLOWED_SHARE`.

    With a `tie` a row is also another where its class is, however close its logits are.
    """
    if len(first) == 0:
        return 0.0
    views = [(first, second), _scored(first, second), _scored(second, first)]
    is_other = np.any([difference(one, other) > tolerance for one, other in views], axis=0)
    if tie and first.ndim == 2:
        one, other = (without_ties(logits, tie).argmax(axis=1) for logits in (first, second))
        is_other |= one != other
    share = float(is_other.mean())
    return share if share > ALLOWED_SHARE else 0.0


def without_ties(logits: NDArray[np.float32], tie: float) -> NDArray[np.float32]:
    """Return finite logits (N, classes) in which all that are as good as the largest are as large (see `TIE`).

    Images (N, C, H, W) stay as they are.
    The first of them is then the class of an image, whatever rounding, or a program that counts on it, made of them.
    """
    if logits.ndim > 2:
        return logits
    exact = logits.astype(np.float64)
    likeliest = -np.sort(-exact, axis=1)[:, :LIKELIEST]
    largest = likeliest[:, :1]
    margin = tie * (np.abs(largest) + largest - likeliest[:, -1:])
    return np.where(exact >= largest - margin, largest, exact).astype(np.float32)


def _scored(first: NDArray[np.float32], second: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return what decides a score: the `LIKELIEST` classes of `first` in both, of images (N, C, H, W) what can be seen.

    Beside an output that is huge and decides nothing, all other differences would be small.
    """
    if first.ndim > 2:
        return np.clip(first, 0, 1), np.clip(second, 0, 1)
    likeliest = np.argsort(-first, axis=1)[:, :LIKELIEST]
    return np.take_along_axis(first, likeliest, axis=1), np.take_along_axis(second, likeliest, axis=1)


def difference(first: NDArray[np.float32], second: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return the largest difference in each row of two finite predictions (N, ...), as a share of their spread.

    The spread is the row's own or the median of all rows, whichever is larger: float64 (N,).
    """
    one, other = (array.astype(np.float64).reshape(len(array), -1) for array in (first, second))
    spread = one.max(axis=1) - one.min(axis=1)
    scale = np.maximum(spread, np.median(spread))
    largest = np.abs(one - other).max(axis=1)
    share: NDArray[np.float64] = np.where(largest > 0, np.inf, 0.0)
    np.divide(largest, scale, out=share, where=scale > 0)
    return share


def _failed(outcome: Outcome, failure: Failure) -> Outcome:
    """Return the outcome of a program whose fresh box failed although its training box did not."""
    if failure.kind not in OUR_LIMITS:
        message = f"a fresh box, given source and weights, does not predict: {failure.message}"
        failure = replace(failure, kind=FailureKind.NOT_REPRODUCIBLE, message=message)
    return replace(outcome, stage=failure.stage, failure=failure)


def _disagreed(outcome: Outcome, share: float, finding: str, remedy: str) -> Outcome:
    return _refused(outcome, f"{finding} ({100 * share:.1f} % of the images differ); {remedy}")


def _refused(outcome: Outcome, message: str) -> Outcome:
    failure = Failure(Stage.SCORE, FailureKind.NOT_REPRODUCIBLE, message)
    return replace(outcome, stage=Stage.SCORE, failure=failure, scores=None)
