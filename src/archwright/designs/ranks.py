"""Treatments compared over blocks: Friedman's test, Nemenyi's critical difference, regret, and shares of variance.

After Demsar, "Statistical Comparisons of Classifiers over Multiple Data Sets" (JMLR 7, 2006).
"""

import itertools
import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Any

import numpy as np

from archwright.candidate import Json

ROUNDING = 1e-24
"""Share of the squares of all scores below which a sum of squares is what rounding left."""

Levels = tuple[Json, ...]
ScoresByBlock = Mapping[Levels, Mapping[Levels, float]]
"""Block -> treatment -> score, larger for better."""


@dataclass(frozen=True, slots=True)
class Ranked:
    """One treatment among all."""

    treatment: Levels
    rank: float
    """Mean over blocks; 1 is the best."""
    score: float
    """Mean over blocks."""


@dataclass(frozen=True, slots=True)
class Ranking:
    """Treatments by mean rank, best first."""

    ranked: tuple[Ranked, ...]
    blocks: int
    """Blocks in which every treatment has its scores; the others are left out."""
    chi_square: float
    """Friedman's statistic, corrected for ties."""
    p: float
    critical_difference: float
    """Nemenyi, 5 %: two mean ranks that are nearer to each other are not told apart."""

    @property
    def groups(self) -> list[tuple[int, int]]:
        """The longest runs of treatments, first and last place, that are not told apart."""
        runs: list[tuple[int, int]] = []
        for first, one in enumerate(self.ranked):
            last = max(
                place for place, other in enumerate(self.ranked) if other.rank - one.rank < self.critical_difference
            )
            if last > first and (not runs or last > runs[-1][1]):
                runs.append((first, last))
        return runs


@dataclass(frozen=True, slots=True)
class Regret:
    """What is lost by one treatment for all blocks instead of the best for each."""

    treatment: Levels
    """The best single one, by mean score."""
    mean: float
    worst: float
    left_out: float
    """Mean where the single one is chosen on the other blocks alone."""


@dataclass(frozen=True, slots=True)
class Share:
    """One term of the analysis of variance of a complete table."""

    term: tuple[str, ...]
    share: float
    """Of the total sum of squares."""
    p: float | None
    """F test against the term's interaction with the blocks; None for terms that have blocks in them."""


def complete(scores: ScoresByBlock) -> ScoresByBlock:
    """Return the blocks in which every treatment occurs."""
    everything = {treatment for block in scores.values() for treatment in block}
    return {block: row for block, row in scores.items() if row.keys() >= everything}


def averaged(rows: Sequence[tuple[Levels, Levels, float]]) -> ScoresByBlock:
    """Return the mean score of each treatment in each block, of (block, treatment, score) a candidate."""
    found: defaultdict[Levels, defaultdict[Levels, list[float]]] = defaultdict(lambda: defaultdict(list))
    for block, treatment, score in rows:
        found[block][treatment].append(score)
    return {block: {each: fmean(values) for each, values in row.items()} for block, row in found.items()}


def rank(scores: ScoresByBlock) -> Ranking | None:
    """Return the ranking over complete blocks; None for fewer than two of them or three treatments."""
    from scipy.stats import friedmanchisquare, rankdata, studentized_range

    table = complete(scores)
    treatments = list(next(iter(table.values()))) if table else []
    n, k = len(table), len(treatments)
    if n < 2 or k < 3:
        return None
    values = np.array([[row[treatment] for treatment in treatments] for row in table.values()])
    ranks = rankdata(-values, axis=1).mean(0)
    is_flat = bool((values == values[:, :1]).all())
    chi_square, p = (0.0, 1.0) if is_flat else map(float, friedmanchisquare(*values.T))
    q = float(studentized_range.ppf(0.95, k, math.inf)) / math.sqrt(2)
    order = sorted(range(k), key=lambda place: (ranks[place], -values[:, place].mean()))
    ranked = tuple(Ranked(treatments[at], float(ranks[at]), float(values[:, at].mean())) for at in order)
    return Ranking(ranked, n, chi_square, p, q * math.sqrt(k * (k + 1) / (6 * n)))


def regret(scores: ScoresByBlock) -> Regret | None:
    """Return what the best single treatment loses over complete blocks; None for fewer than two of them."""
    table = complete(scores)
    if len(table) < 2:
        return None
    rows = list(table.values())

    def best(of: Sequence[Mapping[Levels, float]]) -> Levels:
        return max(of[0], key=lambda treatment: fmean(row[treatment] for row in of))

    single = best(rows)
    losses = [max(row.values()) - row[single] for row in rows]
    others = [[row for row in rows if row is not left] for left in rows]
    left_out = [max(row.values()) - row[best(other)] for row, other in zip(rows, others, strict=True)]
    return Regret(single, fmean(losses), max(losses), fmean(left_out))


def shares(scores: ScoresByBlock, names: Sequence[str]) -> list[Share]:
    """Return the analysis of variance of complete blocks by `block` and the factors `names` of the treatments.

    Empty unless every combination of the factors' levels is there, in two blocks at least.
    """
    table = complete(scores)
    treatments = list(next(iter(table.values()))) if table else []
    levels = [sorted({treatment[at] for treatment in treatments}, key=str) for at in range(len(names))]
    if len(table) < 2 or math.prod(map(len, levels)) != len(treatments):
        return []
    shape = (len(table), *map(len, levels))
    flat = [row[cell] for row in table.values() for cell in itertools.product(*levels)]
    values = np.array(flat).reshape(shape)
    axes = ("block", *names)
    squares: dict[tuple[int, ...], float] = {}
    freedom: dict[tuple[int, ...], int] = {}
    effects: dict[tuple[int, ...], Any] = {(): values.mean()}
    for size in range(1, len(axes) + 1):
        for term in itertools.combinations(range(len(axes)), size):
            others = tuple(axis for axis in range(len(axes)) if axis not in term)
            mean = values.mean(axis=others, keepdims=True)
            below = sum(effects[inner] for less in range(size) for inner in itertools.combinations(term, less))
            effects[term] = mean - below
            found = float(np.broadcast_to(effects[term] ** 2, shape).sum())
            squares[term] = found if found > ROUNDING * float((values**2).sum()) else 0.0
            freedom[term] = math.prod(shape[axis] - 1 for axis in term)
    total = sum(squares.values()) or 1.0
    return [
        Share(tuple(axes[axis] for axis in term), squares[term] / total, _p_of(term, squares, freedom))
        for term in squares
    ]


def _p_of(
    term: tuple[int, ...], squares: Mapping[tuple[int, ...], float], freedom: Mapping[tuple[int, ...], int]
) -> float | None:
    from scipy.special import fdtrc

    error = (0, *term)
    if term[0] == 0 or not squares[error] or not freedom[term]:
        return None
    ratio = squares[term] / freedom[term] / (squares[error] / freedom[error])
    return float(fdtrc(freedom[term], freedom[error], ratio))
