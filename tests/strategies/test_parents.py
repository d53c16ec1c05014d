"""How the program that is changed next is drawn."""

import pytest

from archwright.candidate import Admission, AdmissionReason, Candidate, Key, Outcome, Program, Record, Stage
from archwright.configuring import load_config
from archwright.strategies.cycles import CyclesStrategy
from archwright.strategies.parents import parent_weights
from archwright.testing.records import recorded, scored
from archwright.testing.strategies import assigned, view_of


def outcome(accuracy: float) -> Outcome:
    return Outcome(Stage.SCORE, scores=scored(accuracy))


def candidate(index: int, parents: tuple[str, ...] = ()) -> Candidate:
    return Candidate(Key(1, index), Program(f"x = {index}\n"), "delta", seed=0, parents=parents)


STARTER = Record(Candidate(Key(0, 0), Program("x = -1\n"), "corpus", seed=0))
POOL = [STARTER, *(recorded(candidate(index), outcome(value)) for index, value in enumerate((0.3, 0.9, 0.5, 0.5)))]
VIEW = view_of(load_config(), 2, POOL[1:])


@pytest.mark.parametrize(
    ("rule", "weights"),
    [
        ("none", []),
        ("uniform", [1, 1, 1, 1, 1]),
        ("score", [2, 1, 5, 2, 2]),
        ("top", [1, 1, 1, 1, 1]),
        ("novelty", [2, 1, 5, 2, 2]),
    ],
)
def test_each_rule_weighs_the_pool(rule: str, weights: list[float]) -> None:
    assert parent_weights(rule, POOL, VIEW) == weights


def test_of_many_only_the_ten_best_are_on_top() -> None:
    pool = [recorded(candidate(index), outcome(index / 20)) for index in range(20)]
    assert parent_weights("top", pool, VIEW) == [0.0] * 10 + [1.0] * 10


def test_what_was_changed_often_is_changed_less_by_novelty() -> None:
    best = POOL[2].program.digest
    records = [*POOL[1:], *(recorded(candidate(4 + index, (best,)), outcome(0.1)) for index in range(4))]
    assert parent_weights("novelty", POOL, view_of(load_config(), 2, records)) == [2, 1, 1, 2, 2]


def test_parents_come_from_starters_and_earlier_elite_and_from_the_seed_alone() -> None:
    config = load_config(settings=["loop.parents=score", "loop.candidates=40", "llm.batch=40"])
    elite = [recorded(candidate(0), outcome(0.9), Admission(AdmissionReason.ADMITTED))]
    asked = assigned(CyclesStrategy(config), view_of(config, 2, elite))
    parents = [request.parents[0].program.digest for request in asked]
    assert elite[0].program.digest in parents
    assert len(set(parents)) > 10
    assert parents == [
        each.parents[0].program.digest for each in assigned(CyclesStrategy(config), view_of(config, 2, elite))
    ]


def test_without_a_rule_no_parent_is_given() -> None:
    config = load_config(settings=["loop.candidates=4"])
    assert all(not request.parents for request in assigned(CyclesStrategy(config), view_of(config, 1, [])))
