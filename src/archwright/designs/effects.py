"""Additive effects: what each level of a design adds to the score, and how sure that is.

The raw mean of the candidates a family takes part in also tells whom it was put together with; least squares over all
families at once does not.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from archwright.candidate import Json
from archwright.designs.coverage import levels_in
from archwright.designs.design import REPEAT, DesignCell

RESAMPLES = 1000
_RIDGE = 1e-9
"""Against levels that never part: their common effect is split evenly."""


@dataclass(frozen=True, slots=True)
class Effect:
    """What one level adds to the score, beside the mean of its factor's levels."""

    factor: str
    level: Json
    n: int
    """Scored candidates it takes part in."""
    mean: float
    """Raw mean of their scores."""
    effect: float
    low: float
    high: float
    """95 % interval: percentiles of a bootstrap over candidates."""


def additive_effects(
    factors: Mapping[str, Sequence[Json]], scored: Sequence[tuple[DesignCell, float]], seed: int = 0
) -> list[Effect]:
    """Return the effect of every level that occurs among the `scored` cells, by factor, best first.

    score = mean + sum of the effects of the levels that take part, by least squares; within a factor they add up to 0.
    """
    names = [name for name in factors if name != REPEAT]
    present = {name: {level for cell, _ in scored for level in levels_in(cell, name)} for name in names}
    columns = [(name, level) for name in names for level in factors[name] if level in present[name]]
    columns = [column for column in columns if len(present[column[0]]) > 1]
    if not columns:
        return []
    taking = np.array([[level in levels_in(cell, name) for name, level in columns] for cell, _ in scored], float)
    values = np.array([value for _, value in scored])
    factor_of = np.array([names.index(name) for name, _ in columns])
    estimate = _solve(taking, values, np.ones(len(values)), factor_of)
    rng = np.random.default_rng(seed)
    weights = rng.multinomial(len(values), np.full(len(values), 1 / len(values)), RESAMPLES).astype(float)
    low, high = np.percentile([_solve(taking, values, each, factor_of) for each in weights], [2.5, 97.5], axis=0)
    effects = [
        Effect(
            name,
            level,
            int(taking[:, at].sum()),
            float(values[taking[:, at] > 0].mean()),
            float(estimate[at]),
            float(low[at]),
            float(high[at]),
        )
        for at, (name, level) in enumerate(columns)
    ]
    return sorted(effects, key=lambda effect: (names.index(effect.factor), -effect.effect))


def _solve(
    taking: "np.ndarray[tuple[int, int], np.dtype[np.float64]]",
    values: "np.ndarray[tuple[int], np.dtype[np.float64]]",
    weights: "np.ndarray[tuple[int], np.dtype[np.float64]]",
    factor_of: "np.ndarray[tuple[int], np.dtype[np.int64]]",
) -> "np.ndarray[tuple[int], np.dtype[np.float64]]":
    """Return the weighted least-squares effects, centred within each factor."""
    share = weights / weights.sum()
    centred = taking - share @ taking
    weighted = centred.T * share
    matrix = weighted @ centred + _RIDGE * np.eye(len(factor_of))
    effects = np.linalg.solve(matrix, weighted @ (values - share @ values))
    for factor in set(factor_of.tolist()):
        effects[factor_of == factor] -= effects[factor_of == factor].mean()
    return effects
