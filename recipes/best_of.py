"""How good the best of m random tries is, from a sweep of more: what a search has to be measured against."""

from collections.abc import Sequence
from math import comb

import numpy as np

from archwright.analysis.intervals import Interval

RESAMPLES = 1_000


def expected_best(values: Sequence[float], m: int) -> float:
    """Return the mean of the largest of m values drawn from `values` without replacement, over all such draws.

    Exact, by order statistics: the i-th smallest of n is the largest in C(i - 1, m - 1) of C(n, m) draws. Raises
    ValueError unless 1 <= m <= n.
    """
    if not 1 <= m <= len(values):
        raise ValueError(f"the best of {m} among {len(values)}")
    total = comb(len(values), m)
    return sum(value * (comb(rank, m - 1) / total) for rank, value in enumerate(sorted(values)))


def bootstrap_best(values: Sequence[float], m: int, seed: int = 0, confidence: float = 0.95) -> Interval:
    """Return the percentile interval of `expected_best` over resamples of `values`.

    The largest value of a resample is never beyond the largest seen, so for m near n it is too narrow upwards.
    """
    random = np.random.default_rng(seed)
    found = [expected_best(random.choice(values, len(values)).tolist(), m) for _ in range(RESAMPLES)]
    low, high = np.quantile(found, [(1 - confidence) / 2, (1 + confidence) / 2])
    return Interval(float(low), float(high))
