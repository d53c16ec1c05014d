"""Scores from raw bytes: the only place where a prediction meets a label."""

import os

import numpy as np

from archwright.candidate import Scores


def score(predictions: int, labels: np.ndarray, classes: int) -> Scores:
    data = os.pread(predictions, len(labels) * classes * 4, 0)
    logits = np.frombuffer(data, np.float32).reshape(len(labels), classes).astype(np.float64)
    accuracy = float((logits.argmax(1) == labels).mean())
    shifted = logits - logits.max(1, keepdims=True)
    loss = float((np.log(np.exp(shifted).sum(1)) - shifted[np.arange(len(labels)), labels]).mean())
    return Scores(accuracy, loss, len(labels))


def count_parameters(weights: int) -> int:
    from safetensors import deserialize

    size = int.from_bytes(os.pread(weights, 8, 0), "little")
    data = os.pread(weights, size, 8)
    return sum(int(np.prod(info["shape"])) for name, info in deserialize(data) if name.startswith("parameter:"))
