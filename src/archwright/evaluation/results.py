"""What a box leaves: the file it writes its weights into, and what the supervisor keeps of a valid run."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from archwright.evaluation.box.layout import Layout
from archwright.evaluation.box.plan import Plan
from archwright.evaluation.examining import Examination
from archwright.sandbox.files import blank

BUFFER_BYTES = 32 * 2**20
"""Room for buffers beside the parameters a network may have."""
LARGEST_WEIGHTS = 4 * 2**30
"""Bytes of weights taken from a network without a parameter limit."""


@dataclass(frozen=True, slots=True)
class Results:
    """What one box came up with."""

    layout: Layout | None
    """Of a newly built network, as the box told it first; None when it told none that makes sense."""
    weights: int
    """File with the block of weights, as a descriptor."""
    examination: Examination


def blank_weights(plan: Plan) -> int:
    """Return the file, of a fixed size, for the weights of a box; raises StorageError."""
    return blank(8 * plan.max_params + BUFFER_BYTES if plan.max_params else LARGEST_WEIGHTS)


@dataclass(frozen=True, slots=True)
class Trained:
    """What is left of a valid run: enough to predict with the network again, in a box that knows nothing else."""

    plan: Plan
    layout: Layout
    block: bytes
    """The values of its tensors."""
    logits: NDArray[np.float32]
    """(M, classes): its predictions for the validation images."""
    aliases: NDArray[np.int64]
    """(classes,): what the classes are called in `logits`."""
