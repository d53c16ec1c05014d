"""Edits of a corpus: which of two relatives is better, beyond what a seed makes of one program."""

import random
from pathlib import Path

import pytest

from archwright.archive import Archive
from archwright.candidate import Candidate, Failure, FailureKind, Key, Outcome, Program, Stage
from archwright.configuring import load_config
from archwright.corpus.edits import MOST_EDITS, Edit, ScoredTraining, edits_among, place_of, trainings_of
from archwright.corpus.noise import NEAREST, Noise
from archwright.corpus.store import Corpus
from archwright.randomness import derive_seed
from archwright.testing.records import scored, trial_of

Row = tuple[str, float, str | None]
"""Source, score, the source it was made from."""
ROOT = "root\n" + "".join(f"line {number}\n" for number in range(30))
REPEATED: list[Row] = [(f"program {number}\n", 0.5, None) for number in range(NEAREST)]


def study(name: str, rows: list[Row], *settings: str) -> list[ScoredTraining]:
    """Return the trainings of a study of such rows."""
    place = place_of(load_config(settings=settings))
    return [
        ScoredTraining(
            place, Program(source), None if parent is None else Program(parent).digest, derive_seed(index, name), score
        )
        for index, (source, score, parent) in enumerate(rows)
    ]


def shifted(rows: list[Row], by: float) -> list[Row]:
    return [(source, value + by, parent) for source, value, parent in rows]


def test_an_edit_leads_to_the_better_of_two_relatives_whichever_was_made_from_the_other() -> None:
    better, worse = ROOT + "better\n", ROOT + "worse\n"
    rows = [*REPEATED, (ROOT, 0.5, None), (better, 0.9, ROOT), (worse, 0.1, ROOT)]
    edits, (noise,) = edits_among([*study("one", rows), *study("two", shifted(REPEATED, 0.02))])
    assert {(edit.worse, edit.better) for edit in edits} == {(ROOT, better), (worse, ROOT), (worse, better)}
    assert {(edit.worse_score, edit.better_score) for edit in edits} == {(0.5, 0.9), (0.1, 0.5), (0.1, 0.9)}
    assert len({edit.split for edit in edits}) == 1  # relatives are on one side
    assert (noise.programs, noise.trainings, noise.deviation) == (
        NEAREST,
        2 * NEAREST,
        pytest.approx(0.01414, abs=1e-4),
    )


def test_a_difference_within_the_noise_is_no_edit() -> None:
    rows = [*REPEATED, (ROOT, 0.50, None), (ROOT + "a\n", 0.53, ROOT), (ROOT + "b\n", 0.54, ROOT)]
    edits, _ = edits_among([*study("one", rows), *study("two", shifted(REPEATED, 0.02))])
    assert [(edit.worse, edit.better) for edit in edits] == [
        (ROOT, ROOT + "b\n")
    ]  # t with 10 degrees: 1.812 * .01414 * sqrt(2) = .0362


def test_chance_alone_is_beyond_the_noise_once_in_twenty_however_few_programs_it_is_known_from() -> None:
    rng = random.Random(0)
    beyond = []
    for _ in range(4_000):
        noise = Noise([rng.gauss(0, 1), rng.gauss(0, 1)] for _ in range(NEAREST))
        one, other = rng.gauss(0, 1), rng.gauss(0, 1)
        margin = noise.margin([one], [other])
        assert margin is not None
        beyond.append(other - one > margin)
    assert 0.04 < sum(beyond) / len(beyond) < 0.06  # 0.066 with the quantile of a known variance


def test_a_copy_of_a_study_repeats_nothing() -> None:
    rows = study("one", [*REPEATED, (ROOT, 0.1, None), (ROOT + "a\n", 0.9, ROOT)])
    assert edits_among([*rows, *rows])[0] == []


def test_the_trainings_of_a_study_are_those_it_scored_of_networks(tmp_path: Path) -> None:
    root, child = Program(ROOT), Program(ROOT + "a\n")
    for name in ("network", "restoration"):
        config = load_config(settings=["loop.generator=mutation", f"loop.contract={name}"])
        with Archive.create(tmp_path / name, config.model_dump(mode="json")) as archive:
            for index, value in enumerate((0.5, None)):
                candidate = Candidate(Key(1, index), child, "mutation", seed=index, parents=(root.digest,))
                failure = Failure(Stage.TRAIN, FailureKind.TIMEOUT, "too slow")
                outcome = Outcome(Stage.TRAIN, failure, seed=8)
                if value is not None:
                    outcome = Outcome(Stage.SCORE, scores=scored(value), seed=7)
                archive.add_candidates([candidate])
                archive.add_outcome(candidate.key, trial_of(candidate, outcome), outcome)
    assert trainings_of(tmp_path / "network") == [ScoredTraining(place_of(load_config()), child, root.digest, 7, 0.5)]
    assert trainings_of(tmp_path / "restoration") == []


def test_without_repeated_seeds_nothing_is_better() -> None:
    rows = [*REPEATED, (ROOT, 0.1, None), (ROOT + "a\n", 0.9, ROOT)]
    edits, (noise,) = edits_among(study("one", rows))
    assert edits == []
    assert noise.deviation is None


@pytest.mark.parametrize("setting", ["recipe.lr=0.1", "budget.epochs=2", "data.train_size=100", "task=mnist"])
def test_scores_of_another_recipe_task_or_length_are_not_compared(setting: str) -> None:
    child = [(ROOT + "a\n", 0.9, ROOT)]
    repeated = [*study("one", [*REPEATED, (ROOT, 0.1, None)]), *study("two", shifted(REPEATED, 0.02))]
    edits, noises = edits_among([*repeated, *study("other", child, setting)])
    assert edits == []
    assert len(noises) == 2
    assert len(edits_among([*repeated, *study("same", child)])[0]) == 1


def test_strangers_and_long_edits_are_left_out_and_few_lead_to_the_same_program() -> None:
    long = ROOT + "".join(f"more {number}\n" for number in range(20))
    children = [(ROOT + f"worse {number}\n", 0.1, ROOT) for number in range(5)]
    rows = [*REPEATED, (ROOT, 0.5, None), (long, 0.9, ROOT), ("stranger\n", 0.9, None), *children]
    edits, _ = edits_among([*study("one", rows), *study("two", shifted(REPEATED, 0.02))])
    assert [edit.better for edit in edits] == [ROOT] * MOST_EDITS


def test_noise_is_that_of_programs_with_such_scores() -> None:
    steady = [[0.9, 0.91]] * NEAREST
    wild = [[0.3, 0.5]] * NEAREST
    noise = Noise([*steady, *wild])
    calm, rough = noise.margin([0.9], [0.9]), noise.margin([0.4], [0.4])
    assert calm is not None
    assert rough == pytest.approx(20 * calm)
    assert noise.margin([0.9] * 4, [0.9] * 4) == pytest.approx(calm / 2)
    assert Noise(steady[1:]).margin([0.9], [0.9]) is None


def test_a_corpus_keeps_edits_and_one_of_before_has_none(tmp_path: Path) -> None:
    rows = [*REPEATED, (ROOT, 0.1, None), (ROOT + "a\n", 0.9, ROOT)]
    found = edits_among([*study("one", rows), *study("two", shifted(REPEATED, 0.02))])
    with Corpus.create(tmp_path / "corpus", {}) as corpus:
        corpus.set_edits(*found)
        assert (corpus.edits(), corpus.noises()) == found
        for table in ("edits", "noises"):
            with corpus.engine.begin() as connection:
                connection.exec_driver_sql(f"drop table {table}")
        assert corpus.edits() == []
        corpus.close()
    with Corpus.create(tmp_path / "corpus", {}) as corpus:
        corpus.set_edits(*found)
        assert len(corpus.edits()) == 1


def test_an_edit_says_of_which_task_it_is() -> None:
    place = place_of(load_config(settings=["task=mnist", "data.image_size=16"]))
    config = Edit("a", "b", 0.1, 0.2, place, "train").settings()
    assert (config.task, config.data.image_size) == ("mnist", 16)
