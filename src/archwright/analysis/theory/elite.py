"""The probability of the elite in every cycle, and whether the published bound on it holds (statement 3).

C_t is the probability that what is written t cycles after the first reaches the threshold; invalid programs do not.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from archwright.analysis.intervals import Interval, wilson

CONFIDENCE = 0.95


@dataclass(frozen=True, slots=True)
class EliteCount:
    """How many of a cycle's candidates reached the threshold."""

    after: int
    """Cycles after the first."""
    elite: int
    n: int

    @property
    def share(self) -> float:
        """The estimate of C_t; 0 for a cycle without candidates."""
        return self.elite / self.n if self.n else 0.0

    def interval(self, confidence: float = CONFIDENCE) -> Interval:
        """Return the Wilson interval of C_t."""
        return wilson(self.elite, self.n, confidence)


def published_bound(rho_0: float, after: int) -> float:
    """Return 1 - (1 - rho_0)^t, which C_t is published to reach `after` t cycles."""
    return 1 - (1 - rho_0) ** after


@dataclass(frozen=True, slots=True)
class BoundCheck:
    """The published bound against what was counted."""

    bounds: tuple[float, ...]
    """By cycle, from the share of the first."""
    below: tuple[int, ...]
    """Places of the cycles whose share is below its bound."""
    violated: tuple[int, ...]
    """Those that chance does not explain: all intervals taken together hold at 95 %."""


def check_bound(counts: Sequence[EliteCount]) -> BoundCheck:
    """Return where C_t stays below its bound; `counts` begin with the first cycle, whose share is rho_0.

    rho_0 is known from counting too, so a violation is an upper limit of C_t below the bound at rho_0's lower limit,
    with Wilson intervals that hold for all cycles at once (Bonferroni).
    """
    if not counts:
        return BoundCheck((), (), ())
    first, each = counts[0], 1 - (1 - CONFIDENCE) / len(counts)
    bounds = tuple(published_bound(first.share, count.after) for count in counts)
    lowest = first.interval(each).low
    return BoundCheck(
        bounds,
        below=tuple(place for place, count in enumerate(counts) if count.n and count.share < bounds[place]),
        violated=tuple(
            place
            for place, count in enumerate(counts)
            if count.interval(each).high < published_bound(lowest, count.after)
        ),
    )
