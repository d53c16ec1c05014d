"""What a box leaves: the files it writes into, and what the supervisor keeps of them."""

import json
import os
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from archwright.candidate import Failure
from archwright.evaluation.box.plan import LENGTH_BYTES, Plan
from archwright.evaluation.scoring import StoredTensor, read_predictions, read_weights
from archwright.sandbox.files import blank

BUFFER_BYTES = 32 * 2**20
"""Room for buffers and names beside the parameters a network may have."""
LARGEST_WEIGHTS = 4 * 2**30
"""Bytes of weights taken from a network without a parameter limit."""


@dataclass(frozen=True, slots=True)
class Results:
    """The files one box writes its results into, as descriptors."""

    predictions: int
    """float32 (N, classes)."""
    weights: int

    @classmethod
    def create(cls, n: int, plan: Plan) -> Self:
        """Return blank files of fixed size for `n` images; raises StorageError."""
        most_bytes = 8 * plan.max_params + BUFFER_BYTES if plan.max_params else LARGEST_WEIGHTS
        return cls(blank(n * plan.classes * 4), blank(most_bytes))

    def received_bytes(self) -> int:
        """Return how many bytes of the files were read."""
        weights = int.from_bytes(os.pread(self.weights, LENGTH_BYTES, 0), "little")
        return os.fstat(self.predictions).st_size + weights

    def close(self) -> None:
        """Free the memory."""
        os.close(self.predictions)
        os.close(self.weights)


@dataclass(frozen=True, slots=True)
class Trained:
    """What is left of a valid run: enough to predict with the network again, in a box that knows nothing else."""

    plan: Plan
    tensors: list[StoredTensor]
    """Its weights."""
    logits: NDArray[np.float32]
    """(M, classes): its predictions for the validation images."""
    aliases: NDArray[np.int64]
    """(classes,): what the classes are called in `logits`."""

    @classmethod
    def read(cls, plan: Plan, results: Results, aliases: NDArray[np.int64]) -> Self:
        """Return what the box of a valid run left in `results`."""
        tensors = read_weights(results.weights)
        n = os.fstat(results.predictions).st_size // (4 * plan.classes)
        logits = read_predictions(results.predictions, n, plan.classes)
        if isinstance(tensors, Failure) or isinstance(logits, Failure):
            raise ValueError("the run was not valid")
        return cls(plan, tensors, logits, aliases)

    def as_bytes(self) -> bytes:
        """Return the weights as safetensors, numbered in the order of their names.

        Names and metadata could carry what nobody counted; so another box gets to see shapes, types and values alone.
        """
        header, offset = {}, 0
        for number, tensor in enumerate(self.tensors):
            end = offset + len(tensor.data)
            header[f"{number:08d}"] = {"dtype": tensor.dtype, "shape": tensor.shape, "data_offsets": (offset, end)}
            offset = end
        text = json.dumps(header).encode()
        return b"".join((len(text).to_bytes(8, "little"), text, *(tensor.data for tensor in self.tensors)))
