"""Arms of an experiment beside one another: figures over seeds, and differences paired by seed.

Intervals are Student's t over seeds, which are few; for the last cycles a bootstrap over candidates within seeds is
given as well, which says what is known about these seeds only. No p is corrected for the number of figures.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from statistics import fmean

import numpy as np

from archwright.analysis.experiments.endpoints import (
    Curve,
    Which,
    area_under_best,
    best_so_far,
    by_cycle,
    curve_of,
    distinct_shares,
    elite_gap,
    first_threshold,
)
from archwright.analysis.experiments.rows import Row, distinct_rows
from archwright.analysis.intervals import Interval, Mean, t_interval
from archwright.errors import UsageError
from archwright.task import Metric

LAST = 2
"""Cycles at the end that count."""
RESAMPLES = 10_000


@dataclass(frozen=True, slots=True)
class StudyCurves:
    """One study of an arm."""

    seed: int
    curves: Mapping[Which, Curve]
    best: Sequence[float | None]
    """Best score after every candidate."""
    area: float | None
    valid: Sequence[tuple[int, int]]
    """(valid, all) of every cycle."""
    gap: Sequence[float | None]
    distinct: Sequence[float | None]

    @property
    def candidates(self) -> int:
        """Candidates with an outcome."""
        return sum(every for _, every in self.valid)


@dataclass(frozen=True, slots=True)
class Difference:
    """By how much the reference is ahead of an arm in one figure, paired by seed; positive is better."""

    figure: str
    mean: Mean
    p: float | None
    """Of a paired, two-sided t test over seeds; None for fewer than two seeds or equal differences."""
    over_candidates: Interval | None
    """95 % of a bootstrap over the last cycles' candidates within seeds; None where the figure is no mean of them."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """Everything that is known of an experiment."""

    metric: Metric
    last: int
    reference: str
    arms: Mapping[str, Sequence[StudyCurves]]
    """In the order they were given, each ordered by seed."""

    def over_seeds(self, arm: str, value: Callable[[StudyCurves], float | None]) -> Mean:
        """Return mean and t-interval of a figure over the seeds of an arm."""
        return t_interval([found for study in self.arms[arm] if (found := value(study)) is not None])

    def differences(self, arm: str) -> list[Difference]:
        """Return how far the reference is ahead of `arm`, figure by figure."""
        return [
            difference
            for name, value, which in FIGURES
            if (difference := self._difference(arm, name, value, which)) is not None
        ]

    def pairs(self, arm: str) -> list[tuple[StudyCurves, StudyCurves]]:
        """Return the studies of the reference and of `arm` that have the same seed."""
        theirs = {study.seed: study for study in self.arms[arm]}
        return [(ours, theirs[ours.seed]) for ours in self.arms[self.reference] if ours.seed in theirs]

    def _difference(self, arm: str, name: str, value: Figure, which: Which | None) -> Difference | None:
        sign = 1.0 if self.metric.higher_is_better or name.startswith("share") else -1.0
        found = [(value(self, ours), value(self, theirs)) for ours, theirs in self.pairs(arm)]
        values = [sign * (a - b) for a, b in found if a is not None and b is not None]
        if not values:
            return None
        is_mean = which is not None and name.startswith("mean")
        bootstrap = self._bootstrap(arm, which, sign) if which is not None and is_mean else None
        return Difference(name, t_interval(values), paired_p(values), bootstrap)

    def _bootstrap(self, arm: str, which: Which, sign: float) -> Interval | None:
        """Return the interval of the difference of means in the last cycles, candidates drawn anew within seed."""
        rng = np.random.default_rng(0)
        drawn = []
        for ours, theirs in self.pairs(arm):
            samples = [np.array(study.curves[which].last(self.last)) for study in (ours, theirs)]
            if not all(map(len, samples)):
                return None
            means = [sample[rng.integers(0, len(sample), (RESAMPLES, len(sample)))].mean(axis=1) for sample in samples]
            drawn.append(sign * (means[0] - means[1]))
        low, high = np.percentile(np.mean(drawn, axis=0), [2.5, 97.5])
        return Interval(float(low), float(high))


Figure = Callable[[Comparison, StudyCurves], float | None]


def _last_mean(which: Which, comparison: Comparison, study: StudyCurves) -> float | None:
    values = study.curves[which].last(comparison.last)
    return fmean(values) if values else None


def _last_share(which: Which, comparison: Comparison, study: StudyCurves) -> float | None:
    curve = study.curves[which]
    return curve.share(curve.last(comparison.last), comparison.metric)


def _slope(which: Which, comparison: Comparison, study: StudyCurves) -> float | None:
    return study.curves[which].slope()


FIGURES: Sequence[tuple[str, Figure, Which | None]] = (
    *((f"mean, {which}", partial(_last_mean, which), which) for which in Which),
    *((f"share above cycle 1's 75th percentile, {which}", partial(_last_share, which), which) for which in Which),
    *((f"slope of means, {which}", partial(_slope, which), which) for which in Which),
    ("area under best so far", lambda comparison, study: study.area, None),
    ("best", lambda comparison, study: study.best[-1] if study.best else None, None),
)
"""Name, value of a study, and of which programs; means and shares are of the last cycles."""


def compare(rows: Sequence[Row], metric: Metric, *, reference: str | None = None, last: int = LAST) -> Comparison:
    """Return the arms in `rows` beside one another; the first arm is the reference unless another is named.

    Shares are counted against the threshold of the reference's cycle 1 under the same seed, else of the study's own.
    A row that is given twice counts once. Raises UsageError for an unknown reference, for two studies with the same arm
    and seed, and when there are no rows.
    """
    studies: dict[str, dict[int, list[Row]]] = {}
    for row in distinct_rows(rows):
        studies.setdefault(row.arm, {}).setdefault(row.seed, []).append(row)
    if not studies:
        raise UsageError("there is nothing to compare", "give studies that have evaluated candidates")
    first = reference if reference is not None else next(iter(studies))
    if first not in studies:
        raise UsageError(f"no arm is called {first}", f"choose one of: {', '.join(studies)}")
    thresholds = {
        seed: threshold
        for seed, found in studies[first].items()
        if (threshold := first_threshold(found, metric)) is not None
    }
    arms = {
        arm: [
            _study(seed, ordered, metric, thresholds.get(seed, first_threshold(ordered, metric)))
            for seed, found in sorted(by_seed.items())
            for ordered in [sorted(found, key=lambda row: (row.cycle, row.index))]
        ]
        for arm, by_seed in studies.items()
    }
    return Comparison(metric, last, first, arms)


def _study(seed: int, rows: Sequence[Row], metric: Metric, threshold: float | None) -> StudyCurves:
    counts = [(sum(row.value is not None for row in mine), len(mine)) for mine in by_cycle(rows)]
    return StudyCurves(
        seed=seed,
        curves={which: curve_of(rows, which, threshold) for which in Which},
        best=best_so_far(rows, metric),
        area=area_under_best(rows, metric),
        valid=counts,
        gap=elite_gap(rows, metric),
        distinct=distinct_shares(rows),
    )


def paired_p(differences: Sequence[float]) -> float | None:
    """Return the p of a two-sided t test that the mean of paired `differences` is 0; None where there is no spread."""
    from scipy.stats import ttest_1samp

    if len(differences) < 2 or math.isclose(max(differences), min(differences), rel_tol=1e-9, abs_tol=1e-12):
        return None
    p = float(ttest_1samp(differences, 0.0).pvalue)
    return p if math.isfinite(p) else None
