"""Spearman's rank correlation."""

import numpy as np
from numpy.typing import ArrayLike, NDArray


def ranks(values: ArrayLike) -> NDArray[np.float64]:
    """Return ranks from 1, (N,); equal values share the mean of theirs."""
    _, places, counts = np.unique(np.asarray(values, float), return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    shared: NDArray[np.float64] = (last - (counts - 1) / 2)[places.reshape(-1)]
    return shared


def spearman(first: ArrayLike, second: ArrayLike) -> float | None:
    """Return the rank correlation of two samples (N,); None where one of them does not vary."""
    x, y = ranks(first), ranks(second)
    if len(x) < 2:
        return None
    x, y = x - x.mean(), y - y.mean()
    scale = float(np.sqrt((x @ x) * (y @ y)))
    return min(1.0, max(-1.0, float(x @ y) / scale)) if scale > 0 else None
