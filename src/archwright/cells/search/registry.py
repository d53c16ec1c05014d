"""Strategies that need nothing but a space and a pool, by name."""

from collections.abc import Sequence

from archwright.cells.cell import Cell
from archwright.cells.search.bayesian import BayesianSearch
from archwright.cells.search.controls import LocalSearch, RandomSearch, RegularisedEvolution
from archwright.cells.search.space import SearchSpace
from archwright.cells.search.strategy import CellStrategy
from archwright.errors import UnknownNameError

STRATEGIES = ("random", "evolution", "local", "bayesian")


def new_strategy(name: str, space: SearchSpace, pool: Sequence[Cell], seed: int) -> CellStrategy:
    """Return a strategy of `STRATEGIES` that begins in `pool`; raises UnknownNameError."""
    if name == "random":
        return RandomSearch(pool, seed)
    if name == "evolution":
        return RegularisedEvolution(space, pool, seed)
    if name == "local":
        return LocalSearch(space, pool, seed)
    if name == "bayesian":
        return BayesianSearch(pool, space.encode(pool), seed)
    raise UnknownNameError.of("strategy", name, STRATEGIES)
