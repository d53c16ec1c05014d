"""Whether expected quality never falls from cycle to cycle (statement 2)."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import fmean, variance

import numpy as np
from numpy.typing import NDArray

from archwright.analysis.intervals import Interval
from archwright.analysis.theory.proxy import spearman

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class CycleStep:
    """From one cycle to the next."""

    place: int
    """Of the later cycle."""
    change: float
    """Of the mean."""
    p_drop: float
    """Probability of so large a drop if the mean did not fall: Welch, one-sided, over all steps at once (Holm)."""


@dataclass(frozen=True, slots=True)
class Monotonicity:
    """What the cycles' values say of it."""

    steps: tuple[CycleStep, ...]
    slope: float | None
    """Least squares over all values, by cycle."""
    slope_interval: Interval | None
    """Student's t."""
    rank_correlation: float | None
    """Spearman's, between a value and the number of its cycle."""

    def drops(self) -> list[CycleStep]:
        """Return the steps that fell, beyond chance at 5 %: each contradicts the statement."""
        return [step for step in self.steps if step.p_drop < 0.05]


def find_drops(values_by_cycle: Sequence[Sequence[float]]) -> Monotonicity:
    """Return how the mean changes over consecutive cycles; larger values are better."""
    pairs = [
        (place, later, earlier)
        for place, (earlier, later) in enumerate(pairwise(values_by_cycle), start=1)
        if earlier and later
    ]
    p_drops = holm([_welch_p_drop(earlier, later) for _, later, earlier in pairs])
    steps = tuple(
        CycleStep(place, fmean(later) - fmean(earlier), p)
        for (place, later, earlier), p in zip(pairs, p_drops, strict=True)
    )
    cycles = np.repeat(np.arange(len(values_by_cycle), dtype=float), [len(values) for values in values_by_cycle])
    flat = np.array([value for values in values_by_cycle for value in values], float)
    slope, interval = _slope(cycles, flat)
    return Monotonicity(steps, slope, interval, spearman(cycles, flat))


def holm(p_values: Sequence[float]) -> list[float]:
    """Return p-values adjusted for their number (Holm), in the order given."""
    adjusted, largest = [1.0] * len(p_values), 0.0
    for rank, place in enumerate(sorted(range(len(p_values)), key=p_values.__getitem__)):
        largest = max(largest, min(1.0, (len(p_values) - rank) * p_values[place]))
        adjusted[place] = largest
    return adjusted


def _welch_p_drop(earlier: Sequence[float], later: Sequence[float]) -> float:
    if len(earlier) < 2 or len(later) < 2:
        return 1.0
    of_earlier, of_later = variance(earlier) / len(earlier), variance(later) / len(later)
    if of_earlier + of_later == 0:
        return 1.0  # Copies of one program: nothing says how far apart two cycles are by chance.
    from scipy.special import stdtr

    part = of_earlier / (of_earlier + of_later)
    freedom = 1 / (part**2 / (len(earlier) - 1) + (1 - part) ** 2 / (len(later) - 1))
    return float(stdtr(freedom, (fmean(later) - fmean(earlier)) / math.sqrt(of_earlier + of_later)))


def _slope(x: Floats, y: Floats) -> tuple[float | None, Interval | None]:
    spread = float(((x - x.mean()) ** 2).sum()) if len(x) else 0.0
    if spread == 0:
        return None, None
    slope = float((x - x.mean()) @ y) / spread
    if len(x) < 3:
        return slope, None
    from scipy.special import stdtrit

    rest = y - y.mean() - slope * (x - x.mean())
    half = float(stdtrit(len(x) - 2, 0.975)) * math.sqrt(float(rest @ rest) / (len(x) - 2) / spread)
    return slope, Interval(slope - half, slope + half)
