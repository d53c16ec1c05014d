from collections.abc import Callable

import pytest

from archwright.candidate import Candidate, Failure, FailureKind, Key, Outcome, Program, Record, Scores, Stage
from archwright.config import StudyConfig, load_config
from archwright.starters import load_seed_corpus
from archwright.strategies.evolution import EvolutionStrategy
from archwright.strategies.strategy import Strategy
from archwright.testing.strategies import StrategyContract

CORPUS = load_seed_corpus()
CONFIG = load_config(settings=["loop.cycles=3", "loop.candidates=10", "evolution.batch=4", "evolution.sample=20"])


def record(index: int, accuracy: float | None, cycle: int = 1) -> Record:
    candidate = Candidate(Key(cycle, index), Program(f"# {cycle}.{index}"), generator="test", seed=index)
    if accuracy is None:
        return Record(candidate, Outcome(Stage.FORWARD, Failure(Stage.FORWARD, FailureKind.SHAPE, "no")))
    return Record(candidate, Outcome(Stage.SCORE, scores=Scores(accuracy, 1.0, 100)))


class TestEvolution(StrategyContract):
    @pytest.fixture
    def build(self) -> Callable[[StudyConfig], Strategy]:
        return lambda config: EvolutionStrategy(config, CORPUS)


def test_the_first_population_is_seed_networks_as_they_are() -> None:
    strategy = EvolutionStrategy(CONFIG, CORPUS)
    first = strategy.ask(1, [])
    second = strategy.ask(1, [record(index, 0.5) for index in range(4)])
    parents = [request.parents[0].candidate for request in first + second]
    assert all(parent.generator == "corpus" for parent in parents)
    assert all(request.mutations == 0 for request in first + second)
    assert len({parent.operation for parent in parents}) == 8


def test_the_order_of_the_seed_networks_follows_from_the_seed_and_not_from_their_outcomes() -> None:
    def started(seed: int, accuracy: float) -> list[str | None]:
        strategy = EvolutionStrategy(CONFIG.model_copy(update={"seed": seed}), CORPUS)
        requests = strategy.ask(1, []) + strategy.ask(1, [record(index, accuracy) for index in range(4)])
        return [request.parents[0].candidate.operation for request in requests]

    assert started(1, 0.1) == started(1, 0.9)
    assert started(1, 0.1) != started(2, 0.1)


def test_a_short_study_spends_a_third_of_its_candidates_on_seed_networks() -> None:
    strategy = EvolutionStrategy(CONFIG, CORPUS)
    grown = [record(index, 0.5) for index in range(10)]
    assert all(request.mutations > 0 for request in strategy.ask(2, grown))


def test_the_best_of_the_population_has_children() -> None:
    records = [record(index, 0.9 if index == 6 else 0.1) for index in range(10)]
    for request in EvolutionStrategy(CONFIG, CORPUS).ask(2, records):
        assert request.parents == (records[6],)


def test_the_oldest_leaves_however_good_it_was() -> None:
    records = [record(0, 0.99)] + [record(index, 0.3) for index in range(1, 10)]
    records += [record(index, 0.2, cycle=2) for index in range(10)]
    for request in EvolutionStrategy(CONFIG, CORPUS).ask(3, records):
        assert request.parents[0] is not records[0]


def test_candidates_that_failed_never_join_the_population_nor_push_anyone_out() -> None:
    records = [record(0, 0.9)] + [record(index, 0.3) for index in range(1, 10)]
    records += [record(index, None, cycle=2) for index in range(10)]
    for request in EvolutionStrategy(CONFIG, CORPUS).ask(3, records):
        assert request.parents == (records[0],)


def test_without_a_valid_candidate_seed_networks_are_changed() -> None:
    records = [record(index, None) for index in range(10)]
    requests = EvolutionStrategy(CONFIG, CORPUS).ask(2, records)
    assert len(requests) == 4
    assert all(request.parents[0].candidate.generator == "corpus" for request in requests)


def test_the_last_batch_of_a_cycle_is_cut_to_its_candidates() -> None:
    records = [record(index, 0.5) for index in range(8)]
    assert [request.key.index for request in EvolutionStrategy(CONFIG, CORPUS).ask(1, records)] == [8, 9]
