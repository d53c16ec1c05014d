"""The closed loop's strategy: batches within a cycle, examples from the corpus and from what was admitted."""

from collections.abc import Callable, Sequence

import pytest

from archwright.candidate import (
    Admission,
    AdmissionReason,
    Candidate,
    Key,
    Outcome,
    Program,
    Record,
    Scores,
    Stage,
    Trial,
)
from archwright.config import StudyConfig
from archwright.configuring import load_config
from archwright.contracts.network import NETWORK
from archwright.generators.generator import Request
from archwright.strategies.cycles import CyclesStrategy
from archwright.strategies.strategy import Strategy
from archwright.testing.strategies import StrategyContract, assigned, view_of

STARTERS = NETWORK.starters()


class TestCycles(StrategyContract):
    @pytest.fixture
    def build(self) -> Callable[[StudyConfig], Strategy]:
        return CyclesStrategy


def ask(cycle: int, records: Sequence[Record], *settings: str) -> list[Request]:
    config = load_config("laptop", ["loop.candidates=10", "llm.batch=4", *settings])
    return assigned(CyclesStrategy(config), view_of(config, cycle, records))


def record(cycle: int, index: int, source: str = "x = 1\n", reason: AdmissionReason | None = None) -> Record:
    candidate = Candidate(Key(cycle, index), Program(source), "full", seed=0)
    outcome = Outcome(Stage.SCORE, scores=Scores({"accuracy": 0.5}, 10))
    return Record(candidate, {Trial(Program(source).digest, 0): outcome}, Admission(reason) if reason else None)


def test_a_cycle_is_asked_for_in_batches_until_it_is_complete() -> None:
    records: list[Record] = []
    sizes = []
    while requests := ask(1, records):
        sizes.append(len(requests))
        records += [record(request.key.cycle, request.key.index) for request in requests]
    assert sizes == [4, 4, 2]
    assert [r.candidate.key.index for r in records] == list(range(10))


def test_the_same_records_give_the_same_requests() -> None:
    assert ask(1, [], "llm.examples=2") == ask(1, [], "llm.examples=2")


def test_every_request_has_a_seed_of_its_own() -> None:
    requests = ask(1, [], "llm.batch=10") + ask(2, [], "llm.batch=10")
    assert len({request.seed for request in requests}) == 20


def test_prompts_quote_nothing_unless_asked_to() -> None:
    assert all(request.parents == request.examples == () for request in ask(1, []))


def test_examples_come_from_the_corpus_and_from_what_earlier_cycles_admitted() -> None:
    admitted = record(1, 0, "y = 'admitted'\n", AdmissionReason.ADMITTED)
    refused = record(1, 1, "y = 'refused'\n", AdmissionReason.NEAR_DUPLICATE)
    everything = ask(2, [admitted, refused], f"llm.examples={len(STARTERS) + 1}")[0]
    quoted = [example.program.source for example in everything.examples]
    assert "y = 'admitted'\n" in quoted
    assert "y = 'refused'\n" not in quoted
    assert len(quoted) == len(STARTERS) + 1
