"""Regularised evolution (Real et al. 2019): a tournament picks the parent, its child joins, the oldest leaves.

A control: what search without a language model finds with the same number of evaluations. The first candidates are
seed networks as they are; the order in which they come depends on the study's seed alone, never on how they do.
"""

import random
from collections.abc import Sequence

from archwright.candidate import Key, Record
from archwright.config import StudyConfig
from archwright.generators.generator import Request
from archwright.randomness import derive_seed
from archwright.starters import SeedNetwork, as_record

MUTATIONS = (1, 2)
"""A child is one of these numbers of changes away from its parent, each equally likely."""


class EvolutionStrategy:
    """Asks for seed networks until the population is full, then for children of tournament winners.

    The population is the latest valid candidates; those that failed never join it. Children are asked for in batches
    of `evolution.batch`, so that the number of workers changes nothing. It is never larger than a cycle, so that
    short studies still evolve.
    """

    learns = False

    def __init__(self, config: StudyConfig, corpus: Sequence[SeedNetwork]) -> None:
        self._config = config
        # Not from loop.cycles: a study can be extended, and must then go on as if it had been longer from the start.
        self._population = max(2, min(config.evolution.population, config.loop.candidates))
        order = random.Random(derive_seed(config.seed, "seed networks"))
        self._seeds = order.sample([as_record(network) for network in corpus], len(corpus))

    def ask(self, cycle: int, records: Sequence[Record]) -> list[Request]:
        """Return the next batch: seed networks, or children of the population as it is now."""
        proposed = len(records)
        done = sum(record.candidate.key.cycle == cycle for record in records)
        count = min(self._config.evolution.batch, self._config.loop.candidates - done)
        population = [record for record in records if record.outcome and record.outcome.is_valid][-self._population :]
        return [
            self._request(Key(cycle, done + offset), proposed + offset, population) for offset in range(max(0, count))
        ]

    def _request(self, key: Key, number: int, population: list[Record]) -> Request:
        seed = derive_seed(self._config.seed, "propose", key.cycle, key.index)
        if number < self._population:
            lap, place = divmod(number, len(self._seeds))
            return Request(key, seed, (self._seeds[place],), mutations=lap)
        rng = random.Random(derive_seed(seed, "tournament"))
        if not population:
            return Request(key, seed, (rng.choice(self._seeds),))
        entrants = rng.sample(population, min(self._config.evolution.sample, len(population)))
        winner = max(entrants, key=_accuracy)
        return Request(key, seed, (winner,), mutations=rng.choice(MUTATIONS))


def _accuracy(record: Record) -> float:
    return record.outcome.scores.accuracy if record.outcome and record.outcome.scores else 0.0
