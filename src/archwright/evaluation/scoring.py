"""Scores from raw bytes: the only place where a prediction meets a label, outside every box."""

import os

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, deserialize

from archwright.candidate import Failure, FailureKind, Scores, Stage
from archwright.evaluation.plan import LENGTH_BYTES, PARAMETER


def score(predictions: int, labels: NDArray[np.int64], classes: int) -> Scores | Failure:
    """Return accuracy and mean cross-entropy of the float32 (N, classes) logits in the file `predictions`."""
    n = len(labels)
    data = os.pread(predictions, n * classes * 4, 0)
    if len(data) != n * classes * 4:
        message = f"the predictions have {len(data):,} bytes instead of {n * classes * 4:,}"
        return Failure(Stage.SCORE, FailureKind.BAD_RESULT, message)
    logits = np.frombuffer(data, np.float32).reshape(n, classes).astype(np.float64)
    wrong = int(np.count_nonzero(~np.isfinite(logits).all(axis=1)))
    if wrong:
        message = (
            f"the predictions of {wrong:,} of {n:,} images are NaN or infinite; "
            "use normalisation, a lower learning rate or gradient clipping"
        )
        return Failure(Stage.SCORE, FailureKind.NOT_FINITE, message)
    accuracy = float((logits.argmax(axis=1) == labels).mean())
    shifted = logits - logits.max(axis=1, keepdims=True)
    losses = np.log(np.exp(shifted).sum(axis=1)) - shifted[np.arange(n), labels]
    return Scores(accuracy, float(losses.mean()), n)


def count_parameters(weights: int) -> int | Failure:
    """Return the number of parameters in the weights a box left in the file `weights`, and of nothing else."""
    size = os.fstat(weights).st_size
    length = int.from_bytes(os.pread(weights, LENGTH_BYTES, 0), "little")
    if not 0 < length <= size - LENGTH_BYTES:
        message = "the program's process left no weights"
        return Failure(Stage.SCORE, FailureKind.BAD_RESULT, message)
    try:
        tensors = deserialize(os.pread(weights, length, LENGTH_BYTES))  # type: ignore[no-untyped-call]
    except SafetensorError as error:
        return Failure(Stage.SCORE, FailureKind.BAD_RESULT, f"the weights cannot be read: {error}")
    return sum(int(np.prod(entry["shape"], dtype=np.int64)) for name, entry in tensors if name.startswith(PARAMETER))
