"""Regularised evolution (Real et al. 2019): a tournament picks the parent, its child joins, the oldest leaves.

A control: what search without a language model finds with the same number of evaluations. The first candidates are
starters as they are; the order in which they come depends on the study's seed alone, never on how they do.
"""

import random
from collections.abc import Sequence

from archwright.candidate import Record
from archwright.config import EvolutionConfig, StudyConfig
from archwright.elite import ThresholdAdmission
from archwright.generators.generator import Request
from archwright.randomness import derive_seed
from archwright.strategies.strategy import View

MUTATIONS = (1, 2)
"""A child is one of these numbers of changes away from its parent, each equally likely."""


class EvolutionStrategy(ThresholdAdmission):
    """Asks for starters until the population is full, then for children of tournament winners.

    The population is the latest valid candidates; those that failed never join it. Children are asked for in batches
    of `evolution.batch`, each when the one before it has its outcomes, so that the number of workers changes nothing.
    It is never larger than a cycle, so that short studies still evolve.
    """

    learns = False
    Options = EvolutionConfig

    def __init__(self, config: StudyConfig) -> None:
        self._config = config
        # Not from loop.cycles: a study can be extended, and must then go on as if it had been longer from the start.
        self._population = max(2, min(config.evolution.population, config.loop.candidates))

    def ask(self, view: View) -> list[Request]:
        """Return the next batch: starters, or children of the population as it is now; nothing while some train."""
        if view.is_pending:
            return []
        order = random.Random(derive_seed(self._config.seed, "seed networks"))
        starters = order.sample(view.starters, len(view.starters))
        population = [record for record in view.records if record.is_valid][-self._population :]
        return [
            self._request(view, seed, len(view.records) + offset, population, starters)
            for offset, seed in enumerate(view.seeds(min(self._config.evolution.batch, view.left)))
        ]

    def _request(
        self, view: View, seed: int, number: int, population: list[Record], starters: Sequence[Record]
    ) -> Request:
        if number < self._population:
            lap, place = divmod(number, len(starters))
            return Request((starters[place],), choice={"mutations": lap})
        rng = random.Random(derive_seed(seed, "tournament"))
        if not population:
            return Request((rng.choice(starters),))
        entrants = rng.sample(population, min(self._config.evolution.sample, len(population)))
        winner = max(entrants, key=lambda record: view.metric.key(view.value(record) or 0.0))
        return Request((winner,), choice={"mutations": rng.choice(MUTATIONS)})
