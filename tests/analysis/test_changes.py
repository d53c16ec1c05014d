"""A change is a score against the parent's; the identity says how much of it is chance."""

from collections.abc import Sequence

import pytest

from archwright.analysis.changes import IDENTITY, bootstrap_mean, read_changes
from archwright.analysis.intervals import Interval
from archwright.candidate import Call, Candidate, Failure, FailureKind, Key, Outcome, Program, Record, Stage
from archwright.contracts.network import ACCURACY
from archwright.testing.records import recorded, scored

STARTER = Record(Candidate(Key(0, 0), Program("a\nb\n"), "corpus", seed=0))


class Study:
    """Candidates in a row."""

    def __init__(self) -> None:
        self.records: list[Record] = []

    def add(self, source: str, value: float, parent: str | None = None, **more: object) -> None:
        parents = () if parent is None else (Program(parent).digest,)
        candidate = Candidate(
            Key(1, len(self.records)), Program(source), "mutation", len(self.records), parents=parents, **more
        )
        self.records.append(recorded(candidate, Outcome(Stage.SCORE, scores=scored(value), seed=candidate.seed)))


def kinds(records: Sequence[Record]) -> dict[str, tuple[int, int, int, int | None]]:
    found = read_changes(records, [STARTER], ACCURACY).kinds
    return {kind.kind: (kind.candidates, kind.n, kind.better, kind.beyond) for kind in found}


def test_a_change_is_the_score_against_the_mean_of_the_parents_trainings() -> None:
    study = Study()
    study.add("a\nb\n", 0.5)
    study.add("a\nb\n", 0.6, parent="a\nb\n")
    study.add("a\nc\n", 0.7, parent="a\nb\n")
    changes = {change.kind: change for change in read_changes(study.records, [STARTER], ACCURACY).candidates}
    assert changes["mutation"].change == pytest.approx(0.15)
    assert changes["mutation"].edited_lines == 2
    assert changes[IDENTITY].change == pytest.approx(0.1)
    assert changes["mutation"].is_beyond is changes[IDENTITY].is_beyond is None
    assert kinds(study.records) == {"mutation": (1, 1, 1, None), IDENTITY: (1, 1, 1, None)}


@pytest.mark.parametrize("value", [0.07, 0.29, 0.57, 1 / 360])
def test_a_score_like_every_training_of_its_parent_is_no_change(value: float) -> None:
    study = Study()
    for number in range(23):
        study.add("a\nb\n", value, parent="a\nb\n" if number else None)
    study.add("a\nc\n", value, parent="a\nb\n")
    assert [change.change for change in read_changes(study.records, [STARTER], ACCURACY).candidates] == [0.0] * 23


def test_better_beyond_the_noise_is_known_once_ten_programs_were_trained_again() -> None:
    study = Study()
    for number in range(10):
        for value in (0.50, 0.51):
            study.add(f"a\n{number}\n", value)
    study.add("a\nx\n", 0.515, parent="a\n0\n")
    study.add("a\ny\n", 0.60, parent="a\n0\n")
    assert kinds(study.records) == {"mutation": (2, 2, 2, 1), IDENTITY: (10, 10, 10, 0)}


def test_what_has_no_score_or_no_scored_parent_is_counted_and_not_compared() -> None:
    study = Study()
    study.add("a\nb\n", 0.5)
    refused = Failure(Stage.WRITE, FailureKind.REFUSED, "no")
    call = Call("writer", "?", "!", "model", completion_tokens=7)
    candidate = Candidate(
        Key(1, 9), None, "delta", 0, (Program("a\nb\n").digest,), (call,), {"refused": "no_patch"}, failure=refused
    )
    study.records.append(recorded(candidate, Outcome(Stage.WRITE, failure=refused)))
    study.add("z\n", 0.9, parent="unknown")
    delta, orphan = read_changes(study.records, [STARTER], ACCURACY).candidates
    assert (delta.how, delta.tokens, delta.change, delta.edited_lines) == ("refused: no_patch", 7, None, None)
    assert (orphan.parent_score, orphan.change) == (None, None)
    assert kinds(study.records) == {"delta": (1, 0, 0, None), "mutation": (0, 0, 0, None)}


def test_the_bootstrap_of_a_mean_is_repeatable_and_around_it() -> None:
    values = [[0.1], [0.2], [0.3], [0.4], [0.5], [0.6]]
    found = bootstrap_mean(values)
    assert found == bootstrap_mean(values)
    assert found == Interval(pytest.approx(0.22, abs=0.03), pytest.approx(0.48, abs=0.03))
    assert bootstrap_mean(values[:4]) is None


def test_children_of_one_parent_are_drawn_together() -> None:
    """Eight children of each of six parents say little more than one of each: the luck is the parent's."""
    luck = [-0.05, -0.03, -0.01, 0.01, 0.03, 0.05]
    one_each, many = (bootstrap_mean([[each] * size for each in luck]) for size in (1, 8))
    assert one_each is not None
    assert many == Interval(pytest.approx(one_each.low), pytest.approx(one_each.high))
    study = Study()
    for number in range(4):
        study.add(f"a\n{number}\n", 0.5 + number / 100)
        for child in range(8):
            study.add(f"a\n{number}\n{child}\n", 0.5, parent=f"a\n{number}\n")
    (kind,) = read_changes(study.records, [STARTER], ACCURACY).kinds
    assert (kind.n, kind.interval) == (32, None)  # four parents are too few
