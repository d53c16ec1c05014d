"""How much the score of one program varies with the seed of its training, from the programs trained more than once.

That depends on the score: networks that barely learn vary most. So what counts at a score is the pooled variance within
the `NEAREST` repeated programs whose means are nearest to it.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from heapq import nsmallest
from statistics import fmean, variance
from typing import final

NEAREST = 10
"""Repeated programs whose variance is pooled; with fewer the noise counts as unknown."""
LEVEL = 0.95
"""What a difference exceeds by chance once in twenty (one-sided)."""


@final
class Noise:
    """The variance of one training by score."""

    def __init__(self, scores: Iterable[Sequence[float]]) -> None:
        """Take the scores of each program, those of one training included, which say nothing."""
        self._repeated = [(fmean(each), each) for each in scores if len(each) > 1]

    @property
    def programs(self) -> int:
        """Programs trained more than once."""
        return len(self._repeated)

    @property
    def trainings(self) -> int:
        """Trainings of those."""
        return sum(len(each) for _, each in self._repeated)

    @property
    def is_known(self) -> bool:
        """Whether enough programs were repeated."""
        return self.programs >= NEAREST

    @property
    def deviation(self) -> float | None:
        """Standard deviation of one training, pooled over all repeated programs; None where it is not known."""
        return math.sqrt(_pooled([each for _, each in self._repeated])) if self.is_known else None

    def margin(self, first: Sequence[float], second: Sequence[float]) -> float | None:
        """Return what the difference of the means of two programs' scores exceeds by chance once in twenty.

        By Student's t, since a variance from some ten pairs is not known well. None where the noise is not known.
        """
        if not self.is_known:
            return None
        from scipy.special import stdtrit

        near = [self._near(fmean(each)) for each in (first, second)]
        spread = math.sqrt(sum(_pooled(groups) / len(each) for groups, each in zip(near, (first, second), strict=True)))
        return float(stdtrit(min(map(_freedom, near)), LEVEL)) * spread

    def _near(self, score: float) -> list[Sequence[float]]:
        return [each for _, each in nsmallest(NEAREST, self._repeated, key=lambda one: abs(one[0] - score))]


def _pooled(groups: Sequence[Sequence[float]]) -> float:
    """Return the pooled variance within groups of at least two values."""
    return sum((len(group) - 1) * variance(group) for group in groups) / _freedom(groups)


def _freedom(groups: Sequence[Sequence[float]]) -> int:
    return sum(len(group) - 1 for group in groups)


@dataclass(frozen=True, slots=True)
class NoiseRow:
    """What a corpus keeps of the noise among the studies it was built from."""

    place: str
    """See `edits.place_of`."""
    deviation: float | None
    programs: int
    trainings: int
