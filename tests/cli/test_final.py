import pytest

from archwright.archive import Archive, CycleRow
from archwright.candidate import Candidate, Key, Outcome, Stage, Trial
from archwright.configuring import load_config
from archwright.testing.programs import GOOD
from archwright.testing.records import scored


@pytest.fixture
def study(tmp_path):
    """A finished study with one valid program."""
    config = load_config(
        "evolution", ["data.train_size=100", "data.validation_size=50", "loop.cycles=1", "sandbox.workers=1"]
    )
    with Archive.create(tmp_path / "study", config.model_dump(mode="json")) as archive:
        archive.add_candidates([Candidate(Key(1, 0), GOOD, "test", 0)])
        archive.add_outcome(Key(1, 0), Trial(None, 0), Outcome(Stage.SCORE, scores=scored(0.75, 1.0, 50), params=650))
        archive.close_cycle(CycleRow(1, 0.5), {})
    return tmp_path / "study"


def test_finalists_are_shown_recorded_and_reported(run, study):
    ran = run("final", study, "--seeds", 2)
    assert ran.code == 0, ran.err
    assert "2/2  1.0  seed " in ran.err
    assert "mean of 2" in ran.out
    assert "Opening 1 of 1 of the test split" in ran.out
    again = run("final", study)
    assert "These are the recorded figures" in again.out
    assert again.err == ""
    assert "mean of 2" in (study / "report.md").read_text("utf-8")
    assert "the test split was opened once, for 1 finalist." in (study / "report.md").read_text("utf-8")

    document = run("final", study, "--json").document
    assert list(document) == ["run", "opening", "scored_now", "finalists", "report"]
    assert list(document["opening"]) == ["number", "of", "opened_at", "epochs", "seeds"]
    (finalist,) = document["finalists"]
    assert list(finalist) == [
        *("cycle", "index", "digest", "source"),
        *("validation_accuracy", "mean", "mean_interval", "same_as", "scores"),
    ]
    assert finalist["same_as"] is None
    assert (finalist["validation_accuracy"], document["scored_now"]) == (0.75, 0)
    for score in finalist["scores"]:
        assert list(score) == ["seed", "accuracy", "interval", "loss", "n", "params", "isolation", "failure"]
        assert (score["n"], score["params"]) == (359, 650)
        low, high = score["interval"]
        assert low < score["accuracy"] < high

    refused = run("final", study, "--seeds", 3)
    assert refused.code == 2
    assert "--again" in refused.error


def test_a_folder_that_is_no_study_is_refused(run, tmp_path):
    ran = run("final", tmp_path)
    assert ran.code == 2
    assert "not a study folder" in ran.error
