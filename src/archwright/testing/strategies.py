"""The contract suite that every Strategy passes, and a study in miniature to run a strategy through."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest

from archwright.candidate import Admission, AdmissionReason, Candidate, Record, Trial
from archwright.config import StudyConfig
from archwright.configuring import load_config
from archwright.contracts.network import NETWORK
from archwright.evaluation.evaluator import Evaluator
from archwright.generators.generator import Generator, Request
from archwright.strategies.strategy import Strategy, View, seed_of
from archwright.testing.evaluators import FakeEvaluator
from archwright.testing.generators import FakeGenerator, written
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
            requests = assigned(strategy, view_of(config, cycle, known))
            if not requests:
                break
            batches.append(requests)
            known += [evaluated(candidate, evaluator) for candidate in written(generator, requests)]
        else:
            raise AssertionError(f"cycle {cycle} asked for more after {MOST_BATCHES} batches")
        known = [_admitted(record) if record.candidate.key.cycle == cycle else record for record in known]
    return batches, known


def view_of(config: StudyConfig, cycle: int, records: Sequence[Record]) -> View:
    """Return the view of a study of networks."""
    return View(config, cycle, list(records), NETWORK.starters(), NETWORK.metric)


def assigned(strategy: Strategy, view: View) -> list[Request]:
    """Return what `strategy` asks for, with the keys and seeds that the loop would give."""
    requests = strategy.ask(view)
    keys = view.next_keys(len(requests))
    return [replace(each, key=key, seed=seed_of(view.config, key)) for each, key in zip(requests, keys, strict=True)]


def evaluated(candidate: Candidate, evaluator: Evaluator) -> Record:
    """Return the record of a candidate with its outcome."""
    assert candidate.program is not None
    outcome = evaluator.evaluate(candidate.program, seed=candidate.seed)
    return Record(candidate, {Trial(candidate.program.digest, candidate.seed): outcome})


def _admitted(record: Record) -> Record:
    reason = AdmissionReason.ADMITTED if record.is_valid else AdmissionReason.INVALID
    return replace(record, admission=Admission(reason))


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
            asked = assigned(build(config), view_of(config, batch[0].key.cycle, before))
            assert asked == batch, f"batch {number}"
            done += len(batch)

    def test_a_study_in_which_nothing_is_valid_goes_on(self, build: Callable[[StudyConfig], Strategy]) -> None:
        """A small model may need cycles before its first valid network."""
        config = load_config(settings=self.settings)
        batches, _ = play(build(config), config, FakeGenerator([BROKEN.source]), FakeEvaluator())
        assert sum(len(batch) for batch in batches) == 21

    def test_it_says_whether_it_learns(self, build: Callable[[StudyConfig], Strategy]) -> None:
        """Fine-tuning is asked for by the strategy alone."""
        assert build(load_config(settings=self.settings)).learns in (True, False)

    def test_nothing_is_asked_for_beyond_the_cycle_while_candidates_are_pending(
        self, build: Callable[[StudyConfig], Strategy], generator: Generator
    ) -> None:
        """A strategy waits, or asks for what does not depend on them: the same as when they are known."""
        config = load_config(settings=self.settings)
        batches, records = play(build(config), config, generator, FakeEvaluator())
        first = [Record(record.candidate) for record in records[: len(batches[0])]]
        asked = assigned(build(config), view_of(config, 1, first))
        assert asked in ([], batches[1] if batches[1][0].key.cycle == 1 else [])

    def test_every_candidate_of_a_cycle_gets_a_verdict(
        self, build: Callable[[StudyConfig], Strategy], generator: Generator
    ) -> None:
        """Whatever became of it."""
        config = load_config(settings=self.settings)
        _, records = play(build(config), config, generator, FakeEvaluator())
        view = replace(view_of(config, 1, records), threshold=0.5)
        verdicts = build(config).admit(view, {record.candidate.key: True for record in view.mine})
        assert list(verdicts) == [record.candidate.key for record in view.mine]
