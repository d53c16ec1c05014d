"""The controls: what a search finds without a model, with the published settings."""

import random
from collections import deque
from collections.abc import Sequence

from archwright.cells.cell import Cell
from archwright.cells.search.space import SearchSpace
from archwright.cells.search.strategy import Measurement
from archwright.randomness import derive_seed


class RandomSearch:
    """Asks for the cells of the pool in random order, each once."""

    def __init__(self, pool: Sequence[Cell], seed: int) -> None:
        self._left = _shuffled(pool, seed)

    def ask(self) -> list[Cell]:
        """Return one cell, none at the end of the pool."""
        return self._left[-1:]

    def tell(self, batch: Sequence[Measurement]) -> None:
        """Go on to the next cell."""
        del self._left[-len(batch) :]


class RegularisedEvolution:
    """Real et al. 2019: a tournament picks the parent, its mutated child joins, the oldest leaves.

    A child that was measured before joins as well. One without a measurement does not.
    """

    def __init__(self, space: SearchSpace, pool: Sequence[Cell], seed: int) -> None:
        self._space = space
        self._seed = seed
        self._first = _shuffled(pool, seed)
        self._population: deque[Measurement] = deque(maxlen=space.population)
        self._told = 0

    def ask(self) -> list[Cell]:
        """Return a cell of the pool while the population fills up, then one child."""
        if len(self._population) < self._space.population:
            return self._first[-1:]
        rng = random.Random(derive_seed(self._seed, "child", self._told))
        entrants = rng.sample(self._population, self._space.tournament)
        return [self._space.mutate(max(entrants, key=_accuracy).cell, rng)]

    def tell(self, batch: Sequence[Measurement]) -> None:
        """Let what was measured join the population."""
        for measurement in batch:
            if len(self._population) < self._space.population:
                self._first.pop()
            if measurement.accuracy is not None:
                self._population.append(measurement)
            self._told += 1


class LocalSearch:
    """White et al. 2020, algorithm 1: measure all neighbours, go to the best; at a local optimum begin elsewhere."""

    def __init__(self, space: SearchSpace, pool: Sequence[Cell], seed: int) -> None:
        self._space = space
        self._seed = seed
        self._starts = _shuffled(pool, seed)
        self._here: Measurement | None = None
        self._moves = 0

    def ask(self) -> list[Cell]:
        """Return a cell to begin at, or all neighbours of where the search is, in random order."""
        if self._here is None:
            return self._starts[-1:]
        near = self._space.neighbours(self._here.cell)
        random.Random(derive_seed(self._seed, "neighbours", self._moves)).shuffle(near)
        return near

    def tell(self, batch: Sequence[Measurement]) -> None:
        """Go to the best of `batch` if it is better than where the search is."""
        self._moves += 1
        measured = [measurement for measurement in batch if measurement.accuracy is not None]
        best = max(measured, key=_accuracy, default=None)
        if self._here is None:
            self._starts.pop()
            self._here = best
        else:
            self._here = best if best is not None and _accuracy(best) > _accuracy(self._here) else None


def _shuffled(pool: Sequence[Cell], seed: int) -> list[Cell]:
    return random.Random(derive_seed(seed, "pool")).sample(pool, len(pool))


def _accuracy(measurement: Measurement) -> float:
    assert measurement.accuracy is not None
    return measurement.accuracy
