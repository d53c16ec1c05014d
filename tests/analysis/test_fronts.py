"""Programs that no other beats without costing more."""

from dataclasses import replace

from archwright.analysis.fronts import COSTS, all_fronts, front
from archwright.candidate import Candidate, Key, Outcome, Program, Record, Stage
from archwright.contracts.network import ACCURACY
from archwright.testing.records import scored, trial_of


def record(index: int, accuracy: float, params: int, flops: int) -> Record:
    candidate = Candidate(Key(1, index), Program(f"# {index}\n"), "full", seed=index)
    outcome = Outcome(Stage.SCORE, scores=scored(accuracy, 1.0, 100), params=params, flops=flops)
    return Record(candidate, {trial_of(candidate, outcome): outcome})


SMALL, MIDDLE, WORSE, LARGE = (
    record(0, 0.5, 10, 900),
    record(1, 0.7, 20, 500),
    record(2, 0.6, 30, 400),
    record(3, 0.9, 40, 950),
)


def test_a_front_has_what_is_better_than_everything_cheaper():
    found = front([LARGE, WORSE, MIDDLE, SMALL], ACCURACY, COSTS["parameters"])

    assert found == [SMALL, MIDDLE, LARGE]


def test_among_equally_cheap_programs_only_the_best_is_on_it():
    twin = record(4, 0.55, 10, 900)

    assert front([SMALL, twin], ACCURACY, COSTS["parameters"]) == [twin]


def test_every_program_says_for_which_costs_it_is_not_beaten():
    found = all_fronts([SMALL, MIDDLE, WORSE, LARGE], ACCURACY)

    assert [(str(each.record.candidate.key), each.fronts) for each in found] == [
        ("1.3", ("parameters", "FLOPs")),
        ("1.1", ("parameters", "FLOPs")),
        ("1.2", ("FLOPs",)),
        ("1.0", ("parameters",)),
    ]


def test_where_less_is_better_the_front_follows_the_metric():
    error = replace(ACCURACY, higher_is_better=False)

    assert front([SMALL, MIDDLE], error, COSTS["parameters"]) == [SMALL]
