"""Scores from raw bytes: the only place where a prediction meets a label, outside every box."""

import math
import os
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, deserialize

from archwright.candidate import Failure, FailureKind, Scores, Stage
from archwright.evaluation.box.counting import counted_parameters, words_of
from archwright.evaluation.box.plan import BUFFER, LENGTH_BYTES
from archwright.untrusted import excerpt

BLOCK_BYTES = 512
"""Unit of `st_blocks`."""


def score(predictions: int, labels: NDArray[np.int64], classes: int) -> Scores | Failure:
    """Return accuracy and mean cross-entropy of the float32 (N, classes) logits in the file `predictions`."""
    logits = read_predictions(predictions, len(labels), classes)
    return logits if isinstance(logits, Failure) else score_logits(logits, labels)


def read_predictions(predictions: int, n: int, classes: int) -> NDArray[np.float32] | Failure:
    """Return the finite float32 (n, classes) logits in the file `predictions`."""
    data = os.pread(predictions, n * classes * 4, 0)
    if len(data) != n * classes * 4:
        message = f"the predictions have {len(data):,} bytes instead of {n * classes * 4:,}"
        return Failure(Stage.SCORE, FailureKind.BAD_RESULT, message)
    logits = np.frombuffer(data, np.float32).reshape(n, classes)
    wrong = int(np.count_nonzero(~np.isfinite(logits).all(axis=1)))
    if wrong:
        message = (
            f"the predictions of {wrong:,} of {n:,} images are NaN or infinite; "
            "use normalisation, a lower learning rate or gradient clipping"
        )
        return Failure(Stage.SCORE, FailureKind.NOT_FINITE, message)
    return logits


def score_logits(logits: NDArray[np.float32], labels: NDArray[np.int64]) -> Scores:
    """Return accuracy and mean cross-entropy of finite logits (N, classes) against labels (N,)."""
    n = len(labels)
    exact = logits.astype(np.float64)
    accuracy = float((exact.argmax(axis=1) == labels).mean())
    shifted = exact - exact.max(axis=1, keepdims=True)
    losses = np.log(np.exp(shifted).sum(axis=1)) - shifted[np.arange(n), labels]
    return Scores({"accuracy": accuracy, "loss": float(losses.mean())}, n)


HEADER_BYTES = 2 * 2**20
"""Longest description of weights that is read: some 15,000 tensors. Every one of them costs the supervisor memory."""


@dataclass(frozen=True, slots=True)
class StoredTensor:
    """One tensor of the weights a box left; its name is the box's word and proves nothing."""

    name: str
    dtype: str
    """As safetensors calls it."""
    shape: tuple[int, ...]
    data: bytearray


def read_weights(weights: int) -> list[StoredTensor] | Failure:
    """Return the tensors a box left in the file `weights`, sorted by name."""
    status = os.fstat(weights)
    length = int.from_bytes(os.pread(weights, LENGTH_BYTES, 0), "little")
    if not 0 < length <= status.st_size - LENGTH_BYTES:
        message = "the program's process left no weights"
        return Failure(Stage.SCORE, FailureKind.BAD_RESULT, message)
    if int.from_bytes(os.pread(weights, 8, LENGTH_BYTES), "little") > HEADER_BYTES:
        message = f"the weights describe more tensors, or with longer names, than fit into {HEADER_BYTES:,} bytes"
        return Failure(Stage.SCORE, FailureKind.BAD_RESULT, message)
    if length > status.st_blocks * BLOCK_BYTES:  # holes cost a box nothing, and us their size
        message = f"the weights claim {length:,} bytes, of which only {status.st_blocks * BLOCK_BYTES:,} were written"
        return Failure(Stage.SCORE, FailureKind.BAD_RESULT, message)
    try:
        tensors = deserialize(os.pread(weights, length, LENGTH_BYTES))  # type: ignore[no-untyped-call]
    except SafetensorError as error:
        return Failure(Stage.SCORE, FailureKind.BAD_RESULT, f"the weights cannot be read: {excerpt(str(error))}")
    stored = [StoredTensor(name, entry["dtype"], tuple(entry["shape"]), entry["data"]) for name, entry in tensors]
    return sorted(stored, key=lambda tensor: tensor.name)


def count_parameters(weights: int) -> int | Failure:
    """Return the number of parameters in the bytes of the weights a box left in the file `weights`, never zero.

    What is counted are the words of every tensor, whatever it is called (see `counting`): a name decides only whether
    a tensor may be among the free buffers. So what one box can leave for another to predict with is counted, whether
    it was a parameter, a buffer or something a hostile program made up.
    """
    tensors = read_weights(weights)
    if isinstance(tensors, Failure):
        return tensors
    parameters = buffers = 0
    for tensor in tensors:
        words = words_of(math.prod(tensor.shape), len(tensor.data))
        if tensor.name.startswith(BUFFER):
            buffers += words
        else:
            parameters += words
    counted = counted_parameters(parameters, buffers)
    if counted == 0:
        message = "the trained network has no parameters; keep the layers with weights in attributes of Net"
        return Failure(Stage.BUDGET, FailureKind.NO_PARAMETERS, message)
    return counted
