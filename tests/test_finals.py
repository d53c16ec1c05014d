"""Finalists on the test split: decided first, opened once, archived as they come; real training on the digits."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from archwright.archive import Archive, CycleRow, rows
from archwright.candidate import (
    Admission,
    AdmissionReason,
    Candidate,
    FailureKind,
    Key,
    Outcome,
    Program,
    Scores,
    Stage,
    Trial,
)
from archwright.configuring import load_config
from archwright.errors import StudyError
from archwright.evaluation import data, trials
from archwright.evaluation.data import load_task_data, open_test_split
from archwright.evaluation.finalists import FinalistEvaluator
from archwright.evaluation.trials import TEST
from archwright.finals import FinalResult, Scored, evaluate_finalists
from archwright.testing.programs import GOOD, network_with

SETTINGS = [
    "data.train_size=200",
    "data.validation_size=100",
    "loop.cycles=1",
    "loop.candidates=3",
    "sandbox.workers=1",
]
HONEST = network_with(init="self.norm = nn.BatchNorm2d(8)", forward="y = self.norm(y)")
CHEAT = network_with(forward="y = y - y.mean(0, keepdim=True) if len(x) > 1 else y")
"""Takes the mean over the batch, which a box that trains and scores cannot tell from a good idea."""
MakeStudy = Callable[..., Path]


def trial_of(candidate: Candidate) -> Trial:
    """The trial of the search."""
    assert candidate.program is not None
    return Trial(candidate.program.digest, candidate.seed)


@pytest.fixture
def make_study(tmp_path: Path) -> MakeStudy:
    """Make a finished study with given programs and accuracies on validation."""

    def make(*found: tuple[Program, float], name: str = "study", settings: tuple[str, ...] = ()) -> Path:
        config = load_config("evolution", [*SETTINGS, *settings])
        with Archive.create(tmp_path / name, config.model_dump(mode="json")) as archive:
            candidates = [Candidate(Key(1, index), program, "test", index) for index, (program, _) in enumerate(found)]
            archive.add_candidates(candidates)
            for candidate, (_, accuracy) in zip(candidates, found, strict=True):
                scores = Scores({"accuracy": accuracy, "loss": 1.0}, 100)
                archive.add_outcome(candidate.key, trial_of(candidate), Outcome(Stage.SCORE, scores=scores))
            verdict = Admission(AdmissionReason.ADMITTED)
            archive.close_cycle(CycleRow(1, 0.5), {candidate.key: verdict for candidate in candidates})
        return tmp_path / name

    return make


@pytest.fixture
def study(make_study: MakeStudy) -> Path:
    """A finished study whose best programs are, in this order, HONEST and GOOD."""
    return make_study((GOOD, 0.7), (HONEST, 0.8), (GOOD, 0.6))


def finals_in(folder: Path) -> list[tuple[Trial, Outcome]]:
    """What was scored on the test split."""
    with Archive.open(folder, read_only=True) as archive:
        return [
            (trial, outcome)
            for record in archive.records()
            for trial, outcome in record.outcomes.items()
            if trial.split == TEST
        ]


def archived(folder: Path) -> list[tuple[str | None, int, int, Scores | None]]:
    found = ((trial.program, trial.seed, trial.at.epochs, outcome.scores) for trial, outcome in finals_in(folder))
    return sorted(found, key=lambda row: row[:3])


def without_training(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("the test split was opened again")

    monkeypatch.setattr(data, "open_test_split", refuse)


def test_the_best_programs_are_trained_anew_and_scored_on_the_test_split_once(
    study: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[Scored] = []
    result = evaluate_finalists(study, top=5, seeds=2, on_scored=told.append)
    assert [finalist.record.candidate.program for finalist in result.finalists] == [HONEST, GOOD]
    assert (result.opening.number, result.openings, result.opening.epochs) == (1, 1, 1)
    assert len(set(result.opening.seeds)) == 2
    assert sorted((scored.done, scored.total) for scored in told) == [(1, 4), (2, 4), (3, 4), (4, 4)]
    images = len(open_test_split(load_config("evolution", SETTINGS).as_task()))
    for finalist in result.finalists:
        assert [outcome.seed for outcome in finalist.outcomes] == list(result.opening.seeds)
        scores = [outcome.scores for outcome in finalist.outcomes]
        # How good a network gets in one epoch on 100 images depends on this installation's class key.
        assert all(s and s.n == images and 0.0 < s.values["accuracy"] < 1.0 for s in scores), finalist.outcomes
        assert finalist.mean.mean == pytest.approx(np.mean([s.values["accuracy"] for s in scores if s]))
    with Archive.open(study, read_only=True) as archive:
        assert {cost.stage for cost in archive.costs()} == {"final"}
        assert [record.value("accuracy") for record in archive.records()] == [0.7, 0.8, 0.6], "the search's own stay"
    assert len(finals_in(study)) == 4

    without_training(monkeypatch)
    for again in (
        evaluate_finalists(study),
        evaluate_finalists(study, top=2),
        evaluate_finalists(study, top=1, seeds=1),
    ):
        assert again.scored_now == 0
        assert again.finalists[0].outcomes[0] == result.finalists[0].outcomes[0]
    assert len(evaluate_finalists(study, top=1).finalists) == 1


def test_finalists_are_trained_on_training_and_validation_images(study: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = []

    def spy(task, sandbox, data, held_out, **options):  # type: ignore[no-untyped-def]
        seen.append((data, held_out))
        return FinalistEvaluator(task, sandbox, data, held_out, **options)

    monkeypatch.setattr(trials, "FinalistEvaluator", spy)
    evaluate_finalists(study, top=1, seeds=1, epochs=2)
    task = load_config("evolution", SETTINGS).as_task()
    ((trained_on, held_out),) = seen
    known, test = load_task_data(task), open_test_split(task)
    assert len(trained_on.train) == len(known.train) + len(known.validation) == 300
    assert np.array_equal(trained_on.train.labels, np.concatenate((known.train.labels, known.validation.labels)))
    assert np.array_equal(held_out.labels, test.labels)
    tests = {np.asarray(image).tobytes() for image in test.images}
    assert not tests & {np.asarray(image).tobytes() for image in trained_on.train.images}


def test_more_than_was_decided_is_a_further_opening_that_has_to_be_asked_for(study: Path) -> None:
    first = evaluate_finalists(study, top=1, seeds=1)
    for more in ({"top": 2}, {"seeds": 2}, {"epochs": 2}):
        with pytest.raises(StudyError, match=r"opened on .* for 1 programs .* chosen knowing the results") as error:
            evaluate_finalists(study, **more)  # type: ignore[arg-type]
        assert "--again" in error.value.remedy
    assert len(archived(study)) == 1
    second = evaluate_finalists(study, top=2, again=True)
    assert (second.opening.number, second.openings, second.scored_now) == (2, 2, 1), "what is known is not done again"
    assert second.finalists[0].outcomes == first.finalists[0].outcomes
    assert [row[:2] for row in archived(study)] == sorted(
        (digest, first.opening.seeds[0]) for digest in second.opening.programs
    )


def test_a_cheat_loses_its_place_and_the_archive_says_why(make_study: MakeStudy) -> None:
    folder = make_study((CHEAT, 0.99), (GOOD, 0.5))
    result = evaluate_finalists(folder, top=2, seeds=1)
    cheat, good = (finalist.outcomes[0] for finalist in result.finalists)
    assert good.failure is None
    assert good.scores is not None
    assert good.scores.n > 0
    assert cheat.failure is not None
    assert cheat.failure.kind is FailureKind.NOT_REPRODUCIBLE
    assert (cheat.scores, result.finalists[0].mean.mean) == (None, None)
    assert cheat.failure in [outcome.failure for _, outcome in finals_in(folder)]


def test_killed_at_any_instant_it_goes_on_to_the_same_figures(make_study: MakeStudy) -> None:
    found = ((HONEST, 0.8), (GOOD, 0.7))
    whole, killed = make_study(*found, name="whole"), make_study(*found, name="killed")
    evaluate_finalists(whole, top=2, seeds=2)
    command = [sys.executable, "-m", "archwright", "final", str(killed)]
    process = subprocess.Popen(
        [*command, "--top", "2", "--seeds", "2"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    while process.poll() is None and not archived(killed):
        time.sleep(0.25)  # looking costs as much as training
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    before = archived(killed)
    assert 0 < len(before) < 4
    result: FinalResult = evaluate_finalists(killed)
    assert result.scored_now == 4 - len(before)
    assert result.opening.number == result.openings == 1
    assert archived(killed) == archived(whole)
    assert rows(killed)["outcomes"] == rows(whole)["outcomes"]


def test_a_study_without_an_untouched_test_split_or_an_end_is_refused(make_study: MakeStudy) -> None:
    refusals = {
        "selected on the test split": make_study((GOOD, 0.5), name="lemur", settings=("data.protocol='lemur'",)),
        "not finished: 1 of 2 cycles": make_study((GOOD, 0.5), name="half", settings=("loop.cycles=2",)),
        "no program of the study was valid": make_study(name="empty"),
    }
    for reason, folder in refusals.items():
        with pytest.raises(StudyError, match=reason):
            evaluate_finalists(folder)
        with Archive.open(folder, read_only=True) as archive:
            assert archive.openings() == []
