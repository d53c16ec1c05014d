"""What an opening of the test split was decided for stays, whatever the study finds later; nothing is trained."""

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from tests.finalists import Trained

from archwright.analysis.report.facts import read_facts
from archwright.analysis.report.short import short_lines
from archwright.archive import Archive, CycleRow, tables
from archwright.candidate import (
    Admission,
    AdmissionReason,
    Candidate,
    Fidelity,
    Key,
    Outcome,
    Program,
    Scores,
    Stage,
    Trial,
)
from archwright.configuring import load_config
from archwright.contracts.network import NetworkContract
from archwright.errors import StudyError
from archwright.evaluation.trials import TEST
from archwright.finals import evaluate_finalists
from archwright.testing.programs import BROKEN, GOOD, network_with

OTHER = network_with(init="self.norm = nn.BatchNorm2d(8)", forward="y = self.norm(y)")
CONFIG = load_config("evolution", ["loop.cycles=1", "loop.stop=false"])
Found = tuple[Program, float] | tuple[Program, float, Fidelity]


@pytest.fixture
def trained(monkeypatch: pytest.MonkeyPatch) -> Trained:
    """What trains finalists in place of boxes."""
    executor = Trained()
    monkeypatch.setattr(NetworkContract, "load", lambda *_: None)
    monkeypatch.setattr(NetworkContract, "start", lambda *_: executor)
    return executor


def add_cycle(archive: Archive, cycle: int, *found: Found) -> None:
    """Add a closed cycle of programs with their accuracies on validation, and how they were trained."""
    candidates = [
        Candidate(Key(cycle, index), each[0], "test", index, at=each[2] if len(each) > 2 else None)
        for index, each in enumerate(found)
    ]
    archive.add_candidates(candidates)
    for candidate, each in zip(candidates, found, strict=True):
        trial = Trial(each[0].digest, candidate.seed, candidate.at or CONFIG.as_task().fidelity)
        scores = Scores({"accuracy": each[1], "loss": 1.0}, 100)
        archive.add_outcome(candidate.key, trial, Outcome(Stage.SCORE, scores=scores))
    verdict = Admission(AdmissionReason.ADMITTED)
    archive.close_cycle(CycleRow(cycle, 0.5), {candidate.key: verdict for candidate in candidates})


@pytest.fixture
def make_study(tmp_path: Path) -> Callable[..., Path]:
    """Make a finished study of one cycle."""

    def make(*found: Found) -> Path:
        with Archive.create(tmp_path / "study", CONFIG.model_dump(mode="json")) as archive:
            add_cycle(archive, 1, *found)
        return tmp_path / "study"

    return make


def extend(folder: Path, *found: Found) -> None:
    with Archive.open(folder) as archive:
        cycles = len(archive.cycles()) + 1
        config = with_cycles(archive.config, cycles)
        archive.set_config(config)
        add_cycle(archive, cycles, *found)


def with_cycles(config: Mapping[str, object], cycles: int) -> dict[str, object]:
    loop = config["loop"]
    assert isinstance(loop, dict)
    return {**config, "loop": {**loop, "cycles": cycles}}


def forget_candidates(folder: Path) -> None:
    """Make the openings of a study what they were before candidates were named in them."""
    with Archive.open(folder) as archive, archive.reading() as session:
        session.execute(tables.openings.update().values(candidates=[]))


@pytest.mark.parametrize("is_old", [False, True])
def test_the_same_program_with_a_better_score_does_not_hide_what_was_recorded(
    make_study: Callable[..., Path], trained: Trained, is_old: bool
) -> None:
    folder = make_study((GOOD, 0.7), (OTHER, 0.6))
    first = evaluate_finalists(folder, top=1, seeds=2)
    extend(folder, (GOOD, 0.9))
    if is_old:
        forget_candidates(folder)
    for again in (evaluate_finalists(folder), evaluate_finalists(folder, top=1)):
        assert (again.scored_now, again.openings) == (0, 1)
        assert again.finalists == first.finalists
    assert len(trained.tested) == 2
    assert (
        f"on test images 1.0 reached {100 * first.finalists[0].mean.mean:.1f} %" in short_lines(read_facts(folder))[0]
    )


@pytest.mark.parametrize("found", [((GOOD, 0.7), (OTHER, 0.6)), ((OTHER, 0.7), (GOOD, 0.6))])
def test_what_a_study_came_to_is_the_test_score_of_what_validation_selected_not_the_best_one(
    make_study: Callable[..., Path], trained: Trained, found: tuple[Found, Found]
) -> None:
    folder = make_study(*found)
    finalists = evaluate_finalists(folder, top=2, seeds=2).finalists
    assert finalists[0].mean.mean != finalists[1].mean.mean
    assert f"on test images 1.0 reached {100 * (finalists[0].mean.mean or 0.0):.1f} % [" in (
        line := short_lines(read_facts(folder))[0]
    )
    assert line.endswith("] (mean of 2 seeds).")


def test_a_selected_finalist_that_failed_is_said_to_have_failed(
    make_study: Callable[..., Path], trained: Trained
) -> None:
    folder = make_study((BROKEN, 0.7), (OTHER, 0.6))
    evaluate_finalists(folder, top=2, seeds=2)
    assert "on test images 1.0 failed." in short_lines(read_facts(folder))[0]


def test_what_was_interrupted_is_finished_for_the_candidates_that_were_selected(
    make_study: Callable[..., Path], trained: Trained
) -> None:
    folder = make_study((GOOD, 0.7), (OTHER, 0.6))
    trained.most = 1
    with pytest.raises(KeyboardInterrupt):
        evaluate_finalists(folder, top=2, seeds=2)
    extend(folder, (OTHER, 0.9))
    trained.most = 1_000
    result = evaluate_finalists(folder)
    assert result.scored_now == 3
    assert [str(finalist.record.candidate.key) for finalist in result.finalists] == ["1.0", "1.1"]


def test_results_that_lie_with_two_candidates_of_one_program_count_once(
    make_study: Callable[..., Path], trained: Trained
) -> None:
    folder = make_study((GOOD, 0.7))
    first = evaluate_finalists(folder, top=1, seeds=2)
    extend(folder, (GOOD, 0.9))
    with Archive.open(folder) as archive:  # as it was done before candidates were named in openings
        trial = next(trial for trial in archive.records()[0].outcomes if trial.split == TEST)
        archive.add_outcome(Key(2, 0), trial, Outcome(Stage.SCORE, scores=Scores({"accuracy": 0.1, "loss": 1.0}, 1)))
    forget_candidates(folder)
    assert evaluate_finalists(folder).finalists == first.finalists


def with_lr(lr: float) -> Fidelity:
    """The study's fidelity but for the learning rate, as a sweep over recipes asks for it."""
    own = CONFIG.as_task().fidelity
    return replace(own, recipe=json.dumps(json.loads(own.recipe) | {"lr": lr}, sort_keys=True))


def test_a_finalist_is_trained_with_the_recipe_it_was_selected_with(
    make_study: Callable[..., Path], trained: Trained
) -> None:
    folder = make_study((GOOD, 0.7, with_lr(0.5)), (GOOD, 0.6, with_lr(0.1)), (OTHER, 0.5))
    evaluate_finalists(folder, top=2, seeds=1, epochs=3)
    assert [job.at for job in trained.tested] == [
        replace(with_lr(0.5), epochs=3),
        replace(CONFIG.as_task().fidelity, epochs=3),
    ]
    assert evaluate_finalists(folder).scored_now == 0


def test_another_recipe_is_a_further_opening_with_results_of_its_own(
    make_study: Callable[..., Path], trained: Trained
) -> None:
    folder = make_study((GOOD, 0.7, with_lr(0.5)))
    first = evaluate_finalists(folder, top=1, seeds=1)
    extend(folder, (GOOD, 0.9, with_lr(0.1)))
    assert evaluate_finalists(folder).finalists == first.finalists
    with pytest.raises(StudyError, match="opened on"):
        evaluate_finalists(folder, top=1)
    second = evaluate_finalists(folder, top=1, again=True)
    assert (second.openings, second.scored_now) == (2, 1)
    assert [job.at for job in trained.tested] == [with_lr(0.5), with_lr(0.1)]
    assert [str(finalist.record.candidate.key) for finalist in second.finalists] == ["2.0"]


def test_what_was_once_trained_with_the_wrong_recipe_is_shown_and_can_be_done_again(
    make_study: Callable[..., Path], trained: Trained
) -> None:
    folder = make_study((GOOD, 0.7, with_lr(0.5)))
    first = evaluate_finalists(folder, top=1, seeds=1)
    with Archive.open(folder) as archive, archive.reading() as session:
        ours = CONFIG.as_task().fidelity.recipe
        session.execute(tables.outcomes.update().where(tables.outcomes.c.split == TEST).values(recipe=ours))
    forget_candidates(folder)
    shown = evaluate_finalists(folder)
    assert (shown.scored_now, shown.finalists[0].mean) == (0, first.finalists[0].mean)
    assert evaluate_finalists(folder, top=1, again=True).scored_now == 1
    assert trained.tested[-1].at == with_lr(0.5)
