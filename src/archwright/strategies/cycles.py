"""The closed loop of "From Memorization to Creativity": a fixed number of samples per cycle, then LoRA on the elite."""

import random
from collections.abc import Sequence

from archwright.candidate import Key, Record
from archwright.config import StudyConfig
from archwright.generators.generator import Request
from archwright.randomness import derive_seed
from archwright.starters import SeedNetwork, as_record


class CyclesStrategy:
    """Asks for `loop.candidates` samples per cycle, in batches of `llm.batch`.

    With `llm.examples` above zero each prompt quotes that many networks, drawn by the seed from the corpus and from
    what earlier cycles admitted.
    """

    learns = True

    def __init__(self, config: StudyConfig, corpus: Sequence[SeedNetwork]) -> None:
        self._config = config
        self._corpus = [as_record(network) for network in corpus]

    def ask(self, cycle: int, records: Sequence[Record]) -> list[Request]:
        """Return the next batch of the cycle."""
        done = sum(record.candidate.key.cycle == cycle for record in records)
        stop = min(done + self._config.llm.batch, self._config.loop.candidates)
        pool = self._pool(cycle, records)
        return [self._request(Key(cycle, index), pool) for index in range(done, stop)]

    def _pool(self, cycle: int, records: Sequence[Record]) -> list[Record]:
        admitted = [
            record
            for record in records
            if record.candidate.key.cycle < cycle and record.admission is not None and record.admission.is_admitted
        ]
        return self._corpus + admitted

    def _request(self, key: Key, pool: list[Record]) -> Request:
        seed = derive_seed(self._config.seed, "propose", key.cycle, key.index)
        count = min(self._config.llm.examples, len(pool))
        return Request(key, seed, tuple(random.Random(derive_seed(seed, "examples")).sample(pool, count)))
