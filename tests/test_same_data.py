"""A study goes on with the data it has begun with, wherever they are by now, and with no others."""

from pathlib import Path

import numpy as np
import pytest

from archwright.candidate import Outcome, Scores, Stage
from archwright.config import StudyConfig
from archwright.configuring import load_config
from archwright.errors import DataError, StudyError, UsageError
from archwright.finals import evaluate_finalists
from archwright.study import Study


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def write_set(path: Path, *, classes: int = 3, brightest: int = 256, side: int = 8) -> Path:
    random = np.random.default_rng(0)
    images, labels = random.integers(0, brightest, (60, side, side), np.uint8), np.arange(60) % classes
    np.savez(path, x_train=images, y_train=labels, x_test=images[:6], y_test=labels[:6])
    return path


def begin(task: str) -> Path:
    with Study(config(task), Path("run")) as study:
        for candidate in study.ask():
            study.tell(candidate, Outcome(Stage.SCORE, scores=Scores({"accuracy": 0.5}, n=10)))
        assert not study.ask()
    return Path("run")


def config(task: str) -> StudyConfig:
    return load_config("random", [f"task={task}", "loop.cycles=1", "loop.candidates=2"])


@pytest.mark.parametrize(
    ("other", "what"), [({"classes": 2}, "classes"), ({"side": 9}, "image_shape"), ({"brightest": 200}, "mean")]
)
def test_other_data_at_the_same_place_are_refused(other: dict[str, int], what: str) -> None:
    folder = begin(str(write_set(Path("set.npz"))))
    write_set(Path("set.npz"), **other)
    for going_on in (lambda: Study.open(folder, ["loop.cycles=2"]), lambda: evaluate_finalists(folder)):
        with pytest.raises(StudyError, match=rf"is not the data set that this study began with: {what}"):
            going_on()


def test_data_that_have_moved_are_named_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = begin(str(write_set(Path("set.npz")))).absolute()
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    for going_on in (lambda: Study.open(folder), lambda: evaluate_finalists(folder)):
        with pytest.raises(DataError, match=r"is not at set\.npz .* --set task=PATH"):
            going_on()
    with Study.open(folder, ["task=../set.npz", "loop.cycles=2"]) as study:
        assert study.ask()
    with Study.open(folder) as study:
        assert study.config.task == "../set.npz"


def test_a_known_data_set_stays_the_task_of_its_study() -> None:
    folder = begin("digits")
    write_set(Path("set.npz"))
    with pytest.raises(UsageError, match="task of a started study cannot be changed"):
        Study.open(folder, ["task=set.npz"])
