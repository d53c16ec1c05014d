"""Random search: the other control. Every candidate is a seed network changed a few times at random.

It draws from the space that `evolution` moves in and learns nothing from the outcomes.
"""

import random

from archwright.config import StudyConfig
from archwright.elite import ThresholdAdmission
from archwright.generators.generator import Request
from archwright.randomness import derive_seed
from archwright.strategies.strategy import View

MOST_MUTATIONS = 5
"""A candidate is 1 to this many changes away from its seed network, each number equally likely."""


class RandomStrategy(ThresholdAdmission):
    """Asks for a random starter, mutated a random number of times."""

    learns = False

    def __init__(self, config: StudyConfig) -> None:
        """Take the configuration, of which nothing is needed."""

    def ask(self, view: View) -> list[Request]:
        """Return the rest of the cycle; the outcomes so far change nothing."""
        return [_request(view, seed) for seed in view.seeds(view.left)]


def _request(view: View, seed: int) -> Request:
    rng = random.Random(derive_seed(seed, "start"))
    return Request((rng.choice(view.starters),), choice={"mutations": rng.randint(1, MOST_MUTATIONS)})
