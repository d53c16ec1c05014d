"""Strategies by name."""

import random
from collections.abc import Sequence
from typing import TYPE_CHECKING

from archwright.cells.cell import Cell
from archwright.cells.search.bayesian import BayesianSearch
from archwright.cells.search.controls import LocalSearch, RandomSearch, RegularisedEvolution
from archwright.cells.search.sequence import Schedule, SequenceSearch
from archwright.cells.search.space import SearchSpace
from archwright.cells.search.strategy import CellStrategy
from archwright.errors import UnknownNameError, UsageError
from archwright.randomness import derive_seed

if TYPE_CHECKING:
    from archwright.cells.run import CellRun

LARGEST_POOL = 50_000
"""Cells that the Gaussian process chooses among; of a larger pool a random part of so many."""
STRATEGIES = ("random", "evolution", "local", "bayesian", "sequence")


def new_strategy(
    name: str,
    space: SearchSpace,
    pool: Sequence[Cell],
    seed: int,
    *,
    models: "CellRun | None" = None,
    temperature: float = 1.0,
) -> CellStrategy:
    """Return a strategy of `STRATEGIES`; all but sequence begin in `pool`, and sequence alone needs `models`.

    Bayesian chooses among at most `LARGEST_POOL` of it. Sequence is Algorithm 1 with n = 40 and m = 10, in as many
    rounds as there are queries for; `temperature` is of its prior. Raises UnknownNameError, and UsageError for models
    that are missing, incomplete or of another space.
    """
    if name == "random":
        return RandomSearch(pool, seed)
    if name == "evolution":
        return RegularisedEvolution(space, pool, seed)
    if name == "local":
        return LocalSearch(space, pool, seed)
    if name == "bayesian":
        if len(pool) > LARGEST_POOL:
            pool = random.Random(derive_seed(seed, "part")).sample(pool, LARGEST_POOL)
        return BayesianSearch(pool, space.encode(pool), seed)
    if name == "sequence":
        trained = _models_of(space, models)
        schedule = Schedule(rounds=None)
        return SequenceSearch(
            space, trained.prior(), trained.autoencoder(), schedule, temperature=temperature, seed=seed
        )
    raise UnknownNameError.of("strategy", name, STRATEGIES)


def _models_of(space: SearchSpace, models: "CellRun | None") -> "CellRun":
    if models is None:
        raise UsageError(
            f"the strategy sequence needs trained models of {space.name}",
            f"train them with archwright cells train {space.name} --out DIR, and add --model DIR",
        )
    if models.space != space.name:
        raise UsageError(f"the models in {models.folder} are of {models.space}", f"give models of {space.name}")
    return models
