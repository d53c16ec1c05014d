"""The contract suite that every Strategy passes, and a study in miniature to run a strategy through."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest

from archwright.candidate import Admission, AdmissionReason, Record
from archwright.config import StudyConfig, load_config
from archwright.evaluation.evaluator import Evaluator
from archwright.generators.generator import Generator, Request
from archwright.strategies.strategy import Strategy
from archwright.testing.evaluators import FakeEvaluator
from archwright.testing.generators import FakeGenerator
from archwright.testing.programs import BROKEN, GOOD

MOST_BATCHES = 1000
"""A cycle that asks more often than this never ends."""


def play(
    strategy: Strategy,
    config: StudyConfig,
    generator: Generator,
    evaluator: Evaluator,
    records: Sequence[Record] = (),
) -> tuple[list[list[Request]], list[Record]]:
    """Return every batch a strategy asks for in a whole study, and the records that came of them.

    Starts from `records`, the first ones of an interrupted study. At the end of a cycle everything valid is admitted.
    """
    batches: list[list[Request]] = []
    known = list(records)
    for cycle in range(1, config.loop.cycles + 1):
        for _ in range(MOST_BATCHES):
            requests = strategy.ask(cycle, list(known))
            if not requests:
                break
            batches.append(requests)
            for candidate in generator.generate(requests):
                known.append(Record(candidate, evaluator.evaluate(candidate.program, seed=candidate.seed)))
        else:
            raise AssertionError(f"cycle {cycle} asked for more after {MOST_BATCHES} batches")
        known = [_admitted(record) if record.candidate.key.cycle == cycle else record for record in known]
    return batches, known


def _admitted(record: Record) -> Record:
    is_valid = record.outcome is not None and record.outcome.is_valid
    return replace(record, admission=Admission(AdmissionReason.ADMITTED if is_valid else AdmissionReason.INVALID))


class StrategyContract(ABC):
    """What every Strategy does. Subclass it in a test module and provide the fixture `build`.

    Every fourth candidate of these studies is broken.
    """

    settings: tuple[str, ...] = ("loop.cycles=3", "loop.candidates=7")

    @pytest.fixture
    @abstractmethod
    def build(self) -> Callable[[StudyConfig], Strategy]:
        """A function that returns the strategy for a configuration."""

    @pytest.fixture
    def generator(self) -> Generator:
        """What writes the candidates."""
        return FakeGenerator([GOOD.source, GOOD.source + "\n# 1\n", BROKEN.source, GOOD.source + "\n# 2\n"])

    def test_a_cycle_asks_for_exactly_its_candidates(
        self, build: Callable[[StudyConfig], Strategy], generator: Generator
    ) -> None:
        """Numbered from 0 in the order they are asked for, whatever becomes of them."""
        config = load_config(settings=self.settings)
        batches, records = play(build(config), config, generator, FakeEvaluator())
        keys = [request.key for batch in batches for request in batch]
        assert keys == [record.candidate.key for record in records]
        assert [(key.cycle, key.index) for key in keys] == [(cycle, at) for cycle in (1, 2, 3) for at in range(7)]

    def test_every_candidate_has_a_seed_of_its_own(
        self, build: Callable[[StudyConfig], Strategy], generator: Generator
    ) -> None:
        """And another one in a study with another seed."""
        seeds = []
        for seed in (0, 1):
            config = load_config(settings=(*self.settings, f"seed={seed}"))
            batches, _ = play(build(config), config, generator, FakeEvaluator())
            seeds += [request.seed for batch in batches for request in batch]
        assert len(set(seeds)) == len(seeds)

    def test_a_resumed_study_asks_for_what_the_interrupted_one_would_have(
        self, build: Callable[[StudyConfig], Strategy], generator: Generator
    ) -> None:
        """From any batch on, by a strategy that remembers nothing."""
        config = load_config(settings=self.settings)
        batches, records = play(build(config), config, generator, FakeEvaluator())
        done = 0
        for number, batch in enumerate(batches):
            before = [
                record if record.candidate.key.cycle < batch[0].key.cycle else replace(record, admission=None)
                for record in records[:done]
            ]
            assert build(config).ask(batch[0].key.cycle, before) == batch, f"batch {number}"
            done += len(batch)

    def test_a_study_in_which_nothing_is_valid_goes_on(self, build: Callable[[StudyConfig], Strategy]) -> None:
        """A small model may need cycles before its first valid network."""
        config = load_config(settings=self.settings)
        batches, _ = play(build(config), config, FakeGenerator([BROKEN.source]), FakeEvaluator())
        assert sum(len(batch) for batch in batches) == 21

    def test_it_says_whether_it_learns(self, build: Callable[[StudyConfig], Strategy]) -> None:
        """Fine-tuning is asked for by the strategy alone."""
        assert build(load_config(settings=self.settings)).learns in (True, False)
