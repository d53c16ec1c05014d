"""Random search: the other control. Every candidate is a seed network changed a few times at random.

It draws from the space that `evolution` moves in and learns nothing from the outcomes.
"""

import random
from collections.abc import Sequence

from archwright.candidate import Key, Record
from archwright.config import StudyConfig
from archwright.generators.generator import Request
from archwright.randomness import derive_seed
from archwright.starters import SeedNetwork, as_record

MOST_MUTATIONS = 5
"""A candidate is 1 to this many changes away from its seed network, each number equally likely."""


class RandomStrategy:
    """Asks for a random seed network, mutated a random number of times."""

    learns = False

    def __init__(self, config: StudyConfig, corpus: Sequence[SeedNetwork]) -> None:
        self._config = config
        self._seeds = [as_record(network) for network in corpus]

    def ask(self, cycle: int, records: Sequence[Record]) -> list[Request]:
        """Return the rest of the cycle; the outcomes so far change nothing."""
        done = sum(record.candidate.key.cycle == cycle for record in records)
        return [self._request(Key(cycle, index)) for index in range(done, self._config.loop.candidates)]

    def _request(self, key: Key) -> Request:
        seed = derive_seed(self._config.seed, "propose", key.cycle, key.index)
        rng = random.Random(derive_seed(seed, "start"))
        return Request(key, seed, (rng.choice(self._seeds),), mutations=rng.randint(1, MOST_MUTATIONS))
