"""How far a ranking by a cheap, noisy score can be trusted (statement 6).

SNR is the variance between architectures over the variance between training seeds of one architecture. With noise in
the proxy only, its Pearson correlation with the truth is rho_P = sqrt(SNR / (1 + SNR)), for normal values Spearman's is
rho_S = (6 / pi) arcsin(rho_P / 2).

Networks that fail make a long tail, and the closed form is far too good then: .926 predicted, .585 measured over all of
NAS-Bench-201 (docs/benchmarks.md). The rank correlation r between two trainings of each architecture needs no normal
scores; r / (1 - r) is the SNR of the ranks, and predicts .63 there.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from archwright.analysis.intervals import Interval

Floats = NDArray[np.float64]
TRUSTED = 0.8
"""Rank correlation with the noise-free order from which on a ranking is trusted: SNR 1.96."""
RESAMPLES = 1_000
FEWEST_PAIRS = 10
"""Architectures with two seeds from which on their rank correlation is looked at."""


def ranks(values: ArrayLike) -> Floats:
    """Return ranks from 1, (N,); equal values share the mean of theirs."""
    _, places, counts = np.unique(np.asarray(values, float), return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    shared: Floats = (last - (counts - 1) / 2)[places.reshape(-1)]
    return shared


def spearman(first: ArrayLike, second: ArrayLike) -> float | None:
    """Return the rank correlation of two samples (N,); None where one of them does not vary."""
    x, y = ranks(first), ranks(second)
    if len(x) < 2:
        return None
    x, y = x - x.mean(), y - y.mean()
    scale = float(np.sqrt((x @ x) * (y @ y)))
    return min(1.0, max(-1.0, float(x @ y) / scale)) if scale > 0 else None


def rank_correlation(snr: float) -> float:
    """Return the predicted rho_S at `snr`."""
    share = snr / (1 + snr) if math.isfinite(snr) else 1.0
    return 6 / math.pi * math.asin(math.sqrt(share) / 2)


def snr_of(rank_correlation: float) -> float:
    """Return the SNR that predicts `rank_correlation` in [0, 1], noise in the proxy only; infinity for 1."""
    squared = (2 * math.sin(math.pi * rank_correlation / 6)) ** 2
    return squared / (1 - squared) if squared < 1 else math.inf


def seeds_needed(snr: float) -> int | None:
    """Return how many seeds to average for a ranking that is trusted; None where no number helps.

    The mean of m seeds has m times the SNR.
    """
    return max(1, math.ceil(snr_of(TRUSTED) / snr - 1e-9)) if snr > 0 else None


def correct_range(rho: float, ratio: float) -> float:
    """Return a correlation measured among selected ones as it would be among all (Thorndike, case 2).

    `ratio` is the standard deviation of the proxy among all over that among the selected.
    """
    return rho * ratio / math.sqrt(1 + rho**2 * (ratio**2 - 1))


@dataclass(frozen=True, slots=True)
class Components:
    """Variance by source, from architectures that were trained with several seeds."""

    architectures: int
    values: int
    noise: float
    """Within an architecture, from seed to seed."""
    architecture: float
    """Between architectures; 0 where seeds explain all of it."""

    @property
    def snr(self) -> float:
        """Architecture over noise; infinity without noise."""
        if self.noise > 0:
            return self.architecture / self.noise
        return math.inf if self.architecture > 0 else 0.0


def variance_components(groups: Sequence[Sequence[float]]) -> Components | None:
    """Return the components of values grouped by architecture, one value a seed; groups may differ in size.

    One-way analysis of variance: noise is the mean square within, architecture (between - within) / n_0. None unless
    two architectures have a value and one of them has two.
    """
    return _components(*_sums(groups))


def _sums(groups: Sequence[Sequence[float]]) -> Floats:
    """Return size, sum and sum of squares within (3, G) of every group that has values."""
    arrays = [np.asarray(group, float) for group in groups if len(group)]
    squares = [((array - array.mean()) ** 2).sum() for array in arrays]
    return np.array([list(map(len, arrays)), [array.sum() for array in arrays], squares], float)


def _components(sizes: Floats, sums: Floats, within: Floats) -> Components | None:
    n, k = float(sizes.sum()), len(sizes)
    if k < 2 or n <= k:
        return None
    noise = float(within.sum()) / (n - k)
    between = float(sizes @ (sums / sizes - sums.sum() / n) ** 2) / (k - 1)
    typical_size = (n - float(sizes @ sizes) / n) / (k - 1)
    return Components(k, int(n), noise, max(0.0, (between - noise) / typical_size))


def bootstrap_snr(groups: Sequence[Sequence[float]], seed: int) -> Interval | None:
    """Return the 95 % percentile interval of the SNR over resampled architectures; None for fewer than five.

    Of fewer the interval would not mean anything.
    """
    sizes, sums, within = _sums(groups)
    if len(sizes) < 5:
        return None
    rng = np.random.default_rng(seed)
    drawn = (rng.integers(len(sizes), size=len(sizes)) for _ in range(RESAMPLES))
    found = [components.snr for rows in drawn if (components := _components(sizes[rows], sums[rows], within[rows]))]
    return percentiles(found)


@dataclass(frozen=True, slots=True)
class Measured:
    """A rank correlation between two fidelities over the same architectures."""

    n: int
    rho: float
    interval: Interval | None
    """Bootstrap over architectures, 95 %."""
    corrected: float | None
    """For the range: among all candidates, not only those that were tried twice; None where that is not known."""


def measure(
    proxy: Sequence[float], truth: Sequence[float], everybody: Sequence[float], seed: int, resamples: int = RESAMPLES
) -> Measured | None:
    """Return the rank correlation of `proxy` (N,) and `truth` (N,), corrected to the spread of `everybody`'s proxy.

    None where one of them does not vary.
    """
    rho = spearman(proxy, truth)
    if rho is None:
        return None
    x, y = np.asarray(proxy, float), np.asarray(truth, float)
    rng = np.random.default_rng(seed)
    drawn = (rng.integers(len(x), size=len(x)) for _ in range(resamples if len(x) >= 5 else 0))
    found = [value for rows in drawn if (value := spearman(x[rows], y[rows])) is not None]
    narrow, wide = float(x.std(ddof=1)), float(np.std(everybody, ddof=1)) if len(everybody) > 1 else 0.0
    corrected = correct_range(rho, wide / narrow) if 0 < wide < 1e6 * narrow else None
    return Measured(len(x), rho, percentiles(found), corrected)


def snr_of_ranks(groups: Sequence[Sequence[float]]) -> float | None:
    """Return r / (1 - r) for the rank correlation r between two trainings of each architecture, at least 0.

    None for fewer than ten architectures with two, or where a training does not tell them apart.
    """
    repeated = [group for group in groups if len(group) >= 2]
    if len(repeated) < FEWEST_PAIRS:
        return None
    r = spearman([group[0] for group in repeated], [group[1] for group in repeated])
    if r is None:
        return None
    return max(0.0, r) / (1 - r) if r < 1 else math.inf


def percentiles(values: Sequence[float]) -> Interval | None:
    """Return the middle 95 % of bootstrap `values`, infinity allowed; None of none."""
    if not values:
        return None
    low, high = np.quantile(values, (0.025, 0.975), method="nearest")
    return Interval(float(low), float(high))
