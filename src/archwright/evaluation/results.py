"""What a box leaves: the file it writes its weights into, and what the supervisor keeps of a valid run."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from archwright.candidate import Outcome, Scores, Stage
from archwright.evaluation.box.layout import Slots
from archwright.evaluation.box.plan import Plan
from archwright.evaluation.examining import Examination
from archwright.evaluation.scoring import score_images, score_logits
from archwright.sandbox.files import blank

BUFFER_BYTES = 32 * 2**20
"""Room for buffers beside the parameters a network may have."""


@dataclass(frozen=True, slots=True)
class Results:
    """What one box came up with."""

    layout: Slots | None
    """Of a newly built network, as the box told it first; None when it told none that makes sense."""
    weights: int
    """File with the block of weights, as a descriptor."""
    examination: Examination


def blank_weights(plan: Plan, memory_mb: int) -> int:
    """Return the file, of a fixed size, for the weights of a box with a memory limit; raises StorageError."""
    most = memory_mb * 2**20
    return blank(min(most, 8 * plan.max_params + BUFFER_BYTES) if plan.max_params else most)


@dataclass(frozen=True, slots=True)
class SavedNetwork:
    """What is left of a valid run: enough to predict with the network again, in a box that knows nothing else."""

    plan: Plan
    layout: Slots
    block: bytes
    """The values of its tensors."""
    answers: NDArray[np.float32]
    """(M, classes) or (M, C, H, W): its predictions for the validation images."""
    aliases: NDArray[np.int64] | None
    """(classes,): what the classes are called in `answers`; None where images are predicted."""

    def score(self, answers: NDArray[np.float32], labels: NDArray[Any]) -> Scores:
        """Return the scores of its `answers` for images with the true `labels`: classes, or images."""
        if self.aliases is None:
            return score_images(answers, labels)
        return score_logits(answers, self.aliases[labels])


def added(outcome: Outcome, more: Outcome, phase: str = "rescore") -> Outcome:
    """Return `outcome` without its scores and with the resources of another box added, its seconds to `phase`.

    FLOPs are the larger count of the two.
    """
    seconds = {"total": 0.0} | dict(outcome.seconds)
    seconds[phase] = seconds.get(phase, 0.0) + more.seconds["total"]
    seconds["total"] += more.seconds["total"]
    return replace(
        outcome,
        stage=outcome.stage if outcome.failure is not None else Stage.BUDGET,
        scores=None,
        flops=max(outcome.flops, more.flops) if outcome.flops and more.flops else outcome.flops,
        seconds=seconds,
        cpu_s=outcome.cpu_s + more.cpu_s,
        gpu_s=outcome.gpu_s + more.gpu_s,
        memory_mb=max(outcome.memory_mb, more.memory_mb),
        received_bytes=outcome.received_bytes + more.received_bytes,
        isolation=min(outcome.isolation, more.isolation),
    )
