"""The closed loop of "From Memorization to Creativity": a fixed number of samples per cycle, then LoRA on the elite."""

import random

from archwright.config import StudyConfig
from archwright.elite import ThresholdAdmission
from archwright.generators.generator import Request
from archwright.randomness import derive_seed
from archwright.strategies.parents import parent_weights
from archwright.strategies.strategy import View


class CyclesStrategy(ThresholdAdmission):
    """Asks for `loop.candidates` samples per cycle, in batches of `llm.batch`, without waiting for outcomes.

    With `llm.examples` above zero each prompt quotes that many networks, drawn by the seed from the starters and from
    what earlier cycles admitted.
    """

    learns = True

    def __init__(self, config: StudyConfig) -> None:
        self._config = config

    def ask(self, view: View) -> list[Request]:
        """Return the next batch of the cycle."""
        pool = [*view.starters, *view.earlier_elite]
        examples = min(self._config.llm.examples, len(pool))
        weights = parent_weights(self._config.loop.parents, pool, view)
        return [
            Request(
                parents=tuple(random.Random(derive_seed(seed, "parent")).choices(pool, weights) if weights else ()),
                examples=tuple(random.Random(derive_seed(seed, "examples")).sample(pool, examples)),
            )
            for seed in view.seeds(min(self._config.llm.batch, view.left))
        ]
