"""Scores from raw bytes: the only place where a prediction meets a label, outside every box."""

import os

import numpy as np
from numpy.typing import NDArray

from archwright.candidate import Failure, FailureKind, Scores, Stage
from archwright.evaluation.box.layout import Slots, block_bytes, counted_parameters

BLOCK_BYTES = 512
"""Unit of `st_blocks`."""
LARGEST_PSNR = 100.0
"""In dB."""


def score_logits(logits: NDArray[np.float32], labels: NDArray[np.int64]) -> Scores:
    """Return accuracy and mean cross-entropy of finite logits (N, classes) against labels (N,)."""
    n = len(labels)
    exact = logits.astype(np.float64)
    accuracy = float((exact.argmax(axis=1) == labels).mean())
    shifted = exact - exact.max(axis=1, keepdims=True)
    losses = np.log(np.exp(shifted).sum(axis=1)) - shifted[np.arange(n), labels]
    return Scores({"accuracy": accuracy, "loss": float(losses.mean())}, n)


def score_images(predictions: NDArray[np.float32], targets: NDArray[np.uint8]) -> Scores:
    """Return peak signal-to-noise ratio (dB) and mean squared error, means over images of each one's own.

    Predictions are finite float32 (N, C, H, W), cut to [0, 1]; targets uint8 (N, C, H, W). An image without an error
    counts as `LARGEST_PSNR`.
    """
    errors = np.array(
        [np.mean((np.clip(p, 0, 1) - t / 255.0) ** 2) for p, t in zip(predictions, targets, strict=True)], np.float64
    )
    smallest = 10 ** (-LARGEST_PSNR / 10)
    psnr = float(np.mean(-10 * np.log10(np.maximum(errors, smallest))))
    return Scores({"psnr": psnr, "mse": float(errors.mean())}, len(targets))


def read_block(weights: int, layout: Slots) -> bytes | Failure:
    """Return the values of the tensors in `layout` that a box left in the file `weights`, one after the other."""
    status, length = os.fstat(weights), block_bytes(layout)
    if length > status.st_size:
        message = f"the network takes {length:,} bytes; there is room for {status.st_size:,}"
        return Failure(Stage.SCORE, FailureKind.BAD_RESULT, message)
    if length > status.st_blocks * BLOCK_BYTES:  # holes cost a box nothing, and us their size
        message = f"the weights take {length:,} bytes, of which only {status.st_blocks * BLOCK_BYTES:,} were written"
        return Failure(Stage.SCORE, FailureKind.BAD_RESULT, message)
    return os.pread(weights, length, 0)


def count_parameters(layout: Slots, block: bytes) -> int | Failure:
    """Return the parameters of a trained network (see `counted_parameters`), never zero."""
    counted = counted_parameters(layout, block)
    if counted == 0:
        message = "the trained network has no parameters; keep the layers with weights in attributes of Net"
        return Failure(Stage.BUDGET, FailureKind.NO_PARAMETERS, message)
    return counted
