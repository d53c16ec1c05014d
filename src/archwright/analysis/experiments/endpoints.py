"""What a study says about learning, from its rows: means, shares and slopes over cycles, of all and of new programs."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import accumulate
from statistics import fmean

import numpy as np

from archwright.analysis.experiments.rows import Row
from archwright.elite import quantile_threshold
from archwright.task import Metric

QUANTILE = 0.75
"""Of cycle 1's valid scores: the threshold that later cycles are counted against."""


class Which(StrEnum):
    """Which of the valid programs a figure is of."""

    ALL = "all"
    DISTINCT = "distinct"
    """The first of each canonical form in its cycle."""
    UNTAUGHT = "untaught"
    """The first of each canonical form in the study, unless the model had been taught it: no rewriting of winners."""


@dataclass(frozen=True, slots=True)
class Curve:
    """One study's figures over its cycles, of all programs or some; None where a cycle has none of them."""

    values: Sequence[Sequence[float]]
    """The scores of every cycle."""
    threshold: float | None

    def means(self) -> list[float | None]:
        """Return the mean score of every cycle."""
        return [fmean(values) if values else None for values in self.values]

    def shares(self, metric: Metric) -> list[float | None]:
        """Return the share of every cycle's scores that reach the threshold."""
        return [self.share(values, metric) for values in self.values]

    def share(self, values: Sequence[float], metric: Metric) -> float | None:
        """Return the share of `values` that reach the threshold."""
        threshold = self.threshold
        if threshold is None or not values:
            return None
        return sum(metric.reaches(value, threshold) for value in values) / len(values)

    def last(self, cycles: int) -> list[float]:
        """Return the scores of the last `cycles`."""
        return [value for values in self.values[-cycles:] for value in values]

    def slope(self) -> float | None:
        """Return the least-squares slope of the cycles' means, in units of score per cycle; None for one cycle."""
        known = [(number, mean) for number, mean in enumerate(self.means()) if mean is not None]
        if len(known) < 2:
            return None
        numbers, means = np.array(known, dtype=float).T
        return float(np.polyfit(numbers, means, 1)[0])


def first_threshold(rows: Sequence[Row], metric: Metric) -> float | None:
    """Return the score that a share of 1 - `QUANTILE` of cycle 1's valid programs reaches; None when none is valid."""
    values = (metric.key(row.value) for row in rows if row.cycle == 1 and row.value is not None)
    found = quantile_threshold(values, QUANTILE)
    return None if found is None else metric.key(found)


def curve_of(rows: Sequence[Row], which: Which, threshold: float | None) -> Curve:
    """Return the curve of one study, whose rows are in order."""
    cycles: list[list[float]] = []
    seen: set[str | None] = set()
    for mine in by_cycle(rows):
        cycles.append([])
        if which is Which.DISTINCT:
            seen.clear()
        for row in mine:
            if row.value is None:
                continue
            is_left_out = row.canonical in seen or (which is Which.UNTAUGHT and row.known)
            seen.add(row.canonical)
            if which is Which.ALL or not is_left_out:
                cycles[-1].append(row.value)
    return Curve(cycles, threshold)


def best_so_far(rows: Sequence[Row], metric: Metric) -> list[float | None]:
    """Return the best score after every candidate, None before the first valid one."""

    def better(best: float | None, value: float | None) -> float | None:
        return metric.best(each for each in (best, value) if each is not None)

    return list(accumulate((row.value for row in rows), better))


def area_under_best(rows: Sequence[Row], metric: Metric) -> float | None:
    """Return the mean over candidates of the best score so far, from the first valid one; None when none is valid."""
    values = [value for value in best_so_far(rows, metric) if value is not None]
    return fmean(values) if values else None


def by_cycle(rows: Sequence[Row]) -> list[list[Row]]:
    """Return the rows of every cycle, from the first to the last."""
    cycles: list[list[Row]] = [[] for _ in range(max((row.cycle for row in rows), default=0))]
    for row in rows:
        cycles[row.cycle - 1].append(row)
    return cycles


def elite_gap(rows: Sequence[Row], metric: Metric) -> list[float | None]:
    """Return by how much each cycle's elite is better in the mean than its valid programs: what a lesson can teach."""
    gaps: list[float | None] = []
    for mine in by_cycle(rows):
        every = [metric.key(row.value) for row in mine if row.value is not None]
        elite = [metric.key(row.value) for row in mine if row.value is not None and row.admitted]
        gaps.append(fmean(elite) - fmean(every) if elite else None)
    return gaps


def distinct_shares(rows: Sequence[Row]) -> list[float | None]:
    """Return, for every cycle, the share of canonically distinct programs among its valid ones."""
    forms = [[row.canonical for row in mine if row.value is not None] for mine in by_cycle(rows)]
    return [len(set(mine)) / len(mine) if mine else None for mine in forms]
