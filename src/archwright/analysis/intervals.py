"""The two 95 % intervals of the closed-loop paper (section K): Wilson for proportions, Student's t for means."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist, fmean, stdev

LARGEST = 1e150
"""Values beyond this have no square."""


@dataclass(frozen=True, slots=True)
class Interval:
    """A closed confidence interval."""

    low: float
    high: float

    def __contains__(self, value: float) -> bool:
        return self.low <= value <= self.high

    def within(self, low: float, high: float) -> "Interval":
        """Return the part of this interval between `low` and `high`, where the quantity is known to lie."""
        return Interval(min(max(self.low, low), high), max(min(self.high, high), low))


@dataclass(frozen=True, slots=True)
class Mean:
    """A sample mean with its t-interval; `low` and `high` are None for fewer than two values."""

    mean: float | None
    """None when there are no values at all."""
    low: float | None
    high: float | None
    n: int

    @property
    def interval(self) -> Interval | None:
        """The t-interval, or None for fewer than two values."""
        return None if self.low is None or self.high is None else Interval(self.low, self.high)

    def within(self, bounds: tuple[float, float]) -> Interval | None:
        """Return the part of the interval between `bounds`, where the mean is known to lie."""
        return None if self.interval is None else self.interval.within(*bounds)


def wilson(successes: int, n: int, confidence: float = 0.95) -> Interval:
    """Return the Wilson score interval of `successes` out of `n`, within [0, 1].

    Without observations nothing is known: the interval is [0, 1].
    """
    if not 0 <= successes <= n:
        raise ValueError(f"{successes} successes out of {n}")
    if n == 0:
        return Interval(0.0, 1.0)
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    share = successes / n
    scale = 1 + z * z / n
    centre = (share + z * z / (2 * n)) / scale
    half = z / scale * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    # At the ends rounding would leave 1e-17 where the formula gives exactly 0 or 1.
    return Interval(
        0.0 if successes == 0 else max(0.0, centre - half), 1.0 if successes == n else min(1.0, centre + half)
    )


def t_interval(values: Sequence[float]) -> Mean:
    """Return the mean of `values` with its t-interval (equation 1 of section K).

    Of values that are not finite, or too large to be squared, there is a mean, itself not finite, and no interval.
    """
    n = len(values)
    if n == 0:
        return Mean(None, None, None, 0)
    if not all(abs(value) < LARGEST for value in values):
        return Mean(math.inf if all(value > 0 for value in values) else math.nan, None, None, n)
    mean = fmean(values)
    if n == 1:
        return Mean(mean, None, None, 1)
    from scipy.special import stdtrit

    half = float(stdtrit(n - 1, 0.975)) * stdev(values) / math.sqrt(n)
    return Mean(mean, mean - half, mean + half, n)
