from collections.abc import Callable, Sequence

import pytest

from archwright.candidate import Candidate, Failure, FailureKind, Key, Outcome, Program, Record, Scores, Stage, Trial
from archwright.config import StudyConfig
from archwright.configuring import load_config
from archwright.generators.generator import Request
from archwright.strategies.evolution import MUTATIONS, EvolutionStrategy
from archwright.strategies.strategy import Strategy
from archwright.testing.strategies import StrategyContract, assigned, view_of

CONFIG = load_config(settings=["loop.cycles=3", "loop.candidates=10", "evolution.batch=4", "evolution.sample=20"])


def record(index: int, accuracy: float | None, cycle: int = 1) -> Record:
    program = Program(f"# {cycle}.{index}")
    outcome = Outcome(Stage.FORWARD, Failure(Stage.FORWARD, FailureKind.SHAPE, "no"))
    if accuracy is not None:
        outcome = Outcome(Stage.SCORE, scores=Scores({"accuracy": accuracy, "loss": 1.0}, 100))
    return Record(
        Candidate(Key(cycle, index), program, generator="test", seed=index), {Trial(program.digest, index): outcome}
    )


def ask(cycle: int, records: Sequence[Record], config: StudyConfig = CONFIG) -> list[Request]:
    return assigned(EvolutionStrategy(config), view_of(config, cycle, records))


class TestEvolution(StrategyContract):
    @pytest.fixture
    def build(self) -> Callable[[StudyConfig], Strategy]:
        return EvolutionStrategy


def test_the_first_population_is_seed_networks_as_they_are() -> None:
    first = ask(1, [])
    second = ask(1, [record(index, 0.5) for index in range(4)])
    parents = [request.parents[0].candidate for request in first + second]
    assert all(parent.generator == "corpus" for parent in parents)
    assert all(request.choice["mutations"] == 0 for request in first + second)
    assert len({parent.operation for parent in parents}) == 8


def test_the_order_of_the_seed_networks_follows_from_the_seed_and_not_from_their_outcomes() -> None:
    def started(seed: int, accuracy: float) -> list[str | None]:
        config = CONFIG.model_copy(update={"seed": seed})
        requests = ask(1, [], config) + ask(1, [record(index, accuracy) for index in range(4)], config)
        return [request.parents[0].candidate.operation for request in requests]

    assert started(1, 0.1) == started(1, 0.9)
    assert started(1, 0.1) != started(2, 0.1)


def test_a_short_study_spends_a_third_of_its_candidates_on_seed_networks() -> None:
    grown = [record(index, 0.5) for index in range(10)]
    assert all(request.choice["mutations"] in MUTATIONS for request in ask(2, grown))


def test_the_best_of_the_population_has_children() -> None:
    records = [record(index, 0.9 if index == 6 else 0.1) for index in range(10)]
    for request in ask(2, records):
        assert request.parents == (records[6],)


def test_the_oldest_leaves_however_good_it_was() -> None:
    records = [record(0, 0.99)] + [record(index, 0.3) for index in range(1, 10)]
    records += [record(index, 0.2, cycle=2) for index in range(10)]
    for request in ask(3, records):
        assert request.parents[0] is not records[0]


def test_candidates_that_failed_never_join_the_population_nor_push_anyone_out() -> None:
    records = [record(0, 0.9)] + [record(index, 0.3) for index in range(1, 10)]
    records += [record(index, None, cycle=2) for index in range(10)]
    for request in ask(3, records):
        assert request.parents == (records[0],)


def test_without_a_valid_candidate_seed_networks_are_changed() -> None:
    records = [record(index, None) for index in range(10)]
    requests = ask(2, records)
    assert len(requests) == 4
    assert all(request.parents[0].candidate.generator == "corpus" for request in requests)


def test_the_last_batch_of_a_cycle_is_cut_to_its_candidates() -> None:
    records = [record(index, 0.5) for index in range(8)]
    assert [request.key.index for request in ask(1, records)] == [8, 9]


def test_nothing_is_asked_for_while_candidates_train() -> None:
    records = [record(index, 0.5) for index in range(4)]
    waiting = Record(Candidate(Key(1, 4), Program("# 1.4"), "test", seed=4))
    assert ask(1, [*records, waiting]) == []
    assert [request.key.index for request in ask(1, [*records, record(4, 0.5)])] == [5, 6, 7, 8]
