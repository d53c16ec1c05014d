"""The strategy that uses scores: a Gaussian process over features of the cells chooses what to measure next."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri
from scipy.stats import rankdata

from archwright.cells.cell import Cell
from archwright.cells.search.posterior import PoolPosterior
from archwright.cells.search.strategy import Measurement
from archwright.randomness import derive_seed

FIRST = 20
"""Cells drawn at random before the model has a say."""
BATCH = 8
"""Cells asked for at once: the most promising by one state of the model."""


class BayesianSearch:
    """Asks for the cells of the pool with the highest expected improvement under a Gaussian process.

    The process sees the normal scores of the accuracies' ranks, so that neither the unit nor the long tail of bad cells
    matters. Every cell of the pool is considered at every step: O(n M) for n measured cells and a pool of M, tens of
    thousands at most; of a larger space pass a random part.
    """

    def __init__(self, pool: Sequence[Cell], features_mf: NDArray[np.float32], seed: int) -> None:
        """Choose among `pool`, which has every cell once, by one row of features for each."""
        self._pool = pool
        self._row_of = {cell: row for row, cell in enumerate(pool)}
        self._posterior = PoolPosterior(features_mf)
        first = min(FIRST, len(pool))
        rng = np.random.default_rng(derive_seed(seed, "first"))
        self._next = [int(row) for row in rng.choice(len(pool), first, replace=False)]
        self._is_open_m = np.ones(len(pool), bool)
        self._measured: list[int] = []
        self._accuracies: list[float] = []

    def ask(self) -> list[Cell]:
        """Return the first cells, then the most promising ones; none when all of the pool were asked for."""
        if not self._next and self._is_open_m.any():
            self._next = self._most_promising()
        return [self._pool[row] for row in self._next]

    def tell(self, batch: Sequence[Measurement]) -> None:
        """Learn from what was measured."""
        rows = [self._row_of[measurement.cell] for measurement in batch]
        self._is_open_m[rows] = False
        measured = [(row, item.accuracy) for row, item in zip(rows, batch, strict=True) if item.accuracy is not None]
        self._measured += [row for row, _ in measured]
        self._accuracies += [accuracy for _, accuracy in measured]
        if measured:
            self._posterior.add([row for row, _ in measured], normal_scores(self._accuracies))
        self._next = []

    def recommend(self) -> Cell:
        """Return the measured cell with the highest posterior mean; ValueError before anything was measured.

        Unlike the best by accuracy alone it does not owe its place to one lucky training.
        """
        if not self._measured:
            raise ValueError("nothing was measured yet")
        mean_m, _ = self._posterior.predict(normal_scores(self._accuracies))
        return self._pool[max(self._measured, key=lambda row: float(mean_m[row]))]

    def _most_promising(self) -> list[int]:
        if not self._accuracies:
            return [int(row) for row in np.flatnonzero(self._is_open_m)[:BATCH]]
        mean_m, deviation_m = self._posterior.predict(normal_scores(self._accuracies))
        # Of what is expected and not of what was measured: the luckiest training run is no measure to beat.
        promise_m = expected_improvement(mean_m, deviation_m, float(mean_m[self._measured].max()))
        promise_m[~self._is_open_m] = -1
        best = np.argsort(-promise_m, kind="stable")[: min(BATCH, int(self._is_open_m.sum()))]
        return [int(row) for row in best]


def normal_scores(values: Sequence[float]) -> NDArray[np.float64]:
    """Return the normal quantiles of the values' ranks, equal for equal values; their mean is 0 but for ties."""
    return np.asarray(ndtri((rankdata(values) - 0.5) / len(values)), np.float64)


def expected_improvement(
    mean_m: NDArray[np.float64], deviation_m: NDArray[np.float64], best: float
) -> NDArray[np.float64]:
    """Return by how much each is expected to exceed `best`, where falling short counts as nothing."""
    steps_m = (mean_m - best) / deviation_m
    density_m = np.exp(-steps_m * steps_m / 2) / np.sqrt(2 * np.pi)
    return np.asarray(deviation_m * (steps_m * ndtr(steps_m) + density_m), np.float64)
