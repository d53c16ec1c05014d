from pathlib import Path

from archwright.archive import Archive
from archwright.candidate import Candidate, Key, Outcome, Stage, Trial
from archwright.configuring import load_config
from archwright.testing.programs import GOOD
from archwright.testing.records import scored


def test_a_study_is_exported_and_described(run, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    with Archive.create(tmp_path / "study", load_config("evolution").model_dump(mode="json")) as archive:
        archive.add_candidates([Candidate(Key(1, 0), GOOD, "test", 0)])
        archive.add_outcome(Key(1, 0), Trial(None, 0), Outcome(Stage.SCORE, scores=scored(0.75, 1.0, 50)))
    shown = run("export", tmp_path / "study", "--format", "lemur", "--out", tmp_path / "a").out
    assert "1 programs in" in shown
    assert "75.0 % on validation images" in shown
    document = run("export", tmp_path / "study", "--format", "lemur", "--out", tmp_path / "b", "--json").document
    assert list(document) == ["run", "format", "out", "programs"]
    (program,) = document["programs"]
    assert list(program) == ["name", "source", "statistics", "trials", "accuracy"]
    assert [Path(file).name for file in program["statistics"]] == ["1.json"]
    assert "def learn" in Path(program["source"]).read_text("utf-8")


def test_accuracies_of_the_lemur_protocol_are_of_test_images(run, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    config = load_config("evolution", ["data.protocol='lemur'"])
    with Archive.create(tmp_path / "study", config.model_dump(mode="json")) as archive:
        archive.add_candidates([Candidate(Key(1, 0), GOOD, "test", 0)])
        archive.add_outcome(Key(1, 0), Trial(None, 0, split="test"), Outcome(Stage.SCORE, scores=scored(0.75, 1.0, 50)))
    shown = run("export", tmp_path / "study", "--format", "lemur", "--out", tmp_path / "a").out
    assert "75.0 % on test images" in shown


def test_the_best_is_trained_and_taken_away(run, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    settings = ["data.train_size=64", "data.validation_size=32"]
    with Archive.create(tmp_path / "study", load_config("evolution", settings).model_dump(mode="json")) as archive:
        archive.add_candidates([Candidate(Key(1, 0), GOOD, "test", 0)])
        archive.add_outcome(Key(1, 0), Trial(None, 0), Outcome(Stage.SCORE, scores=scored(0.75, 1.0, 50)))
    said = run("export", tmp_path / "study", "--format", "torch", "--out", tmp_path / "a", "--json")
    (program,) = said.document["programs"]
    assert list(program) == ["candidate", "digest", "folder", "seed", "accuracy", "interval", "params", "failure"]
    assert (program["candidate"], program["digest"], program["failure"]) == ("1.0", GOOD.digest, None)
    assert "on validation images" in said.err
    assert "predict.py IMAGE..." in run("export", tmp_path / "study", "--format", "torch", "--out", tmp_path / "b").out
    again = run("export", tmp_path / "study", "--format", "torch", "--out", tmp_path / "b")
    assert (again.code, "holds an export already" in again.err) == (2, True)


def test_what_cannot_be_exported_says_why(run, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    assert run("export", tmp_path, "--format", "lemur", "--out", tmp_path / "a").code == 2
    assert run("export", tmp_path, "--format", "torch", "--out", tmp_path / "a").code == 2
    assert run("export", tmp_path, "--format", "lemur", "--epochs", "2", "--out", tmp_path / "a").code == 2
    assert run("export", tmp_path, "--format", "onnxx", "--out", tmp_path / "a").code == 2
