"""A study goes on with the data it has begun with, wherever they are by now, and is compared with no others."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from archwright.analysis.dataset import mark_of_data, require_one_data_set
from archwright.analysis.experiments.rows import rows_of
from archwright.archive import Archive
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


def begin(task: str, folder: str = "run") -> Path:
    with Study(config(task), Path(folder)) as study:
        for candidate in study.ask():
            study.tell(candidate, Outcome(Stage.SCORE, scores=Scores({"accuracy": 0.5}, n=10)))
        assert not study.ask()
    return Path(folder)


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


def test_an_image_that_cannot_be_read_is_to_be_put_right_once_a_study_has_begun() -> None:
    random = np.random.default_rng(0)
    for number in range(24):
        file = Path("set") / ("test" if number % 3 == 2 else "train") / str(number % 2) / f"{number}.png"
        file.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(random.integers(0, 256, (8, 8), np.uint8)).save(file)
    folder = begin("set")
    file.write_bytes(b"")
    for going_on in (lambda: evaluate_finalists(folder), lambda: Study.open(folder, ["loop.cycles=2"])):
        with pytest.raises(DataError) as caught:
            going_on()
        assert caught.value.remedy.startswith("put right the files that are named: a started study cannot change")
        Path("set/train/1/21.png").write_bytes(b"")
    with Archive.open(folder, read_only=True) as archive:
        assert archive.openings() == []  # Of which nobody would have seen a figure.


def test_a_known_data_set_stays_the_task_of_its_study() -> None:
    folder = begin("digits")
    write_set(Path("set.npz"))
    with pytest.raises(UsageError, match="task of a started study cannot be changed"):
        Study.open(folder, ["task=set.npz"])


def compared(folders: list[Path]) -> None:
    marks = {}
    for folder in folders:
        with Archive.open(folder, read_only=True) as archive:
            marks[str(folder)] = mark_of_data(archive)
    require_one_data_set(marks)


@pytest.mark.parametrize(("other", "is_same"), [({"classes": 2}, False), ({"brightest": 200}, False), ({}, True)])
def test_studies_of_two_data_sets_are_not_compared(other: dict[str, int], is_same: bool) -> None:
    folders = [begin(str(write_set(Path("one.npz"))), "one"), begin(str(write_set(Path("two.npz"), **other)), "two")]
    if is_same:
        compared(folders)
    else:
        with pytest.raises(UsageError, match="are of different data sets, .*one, two — compare those of one data set"):
            compared(folders)


def test_studies_of_one_data_set_at_two_sizes_are_compared() -> None:
    write_set(Path("set.npz"))
    for side in (8, 12):
        Study(load_config("random", ["task=set.npz", f"data.image_size={side}"]), Path(f"at-{side}")).close()
    compared([Path("at-8"), Path("at-12")])


def test_rows_say_what_data_they_are_of_and_not_where_these_lie() -> None:
    Path("private").mkdir()
    rows, metric = rows_of(begin(str(write_set(Path("private/set.npz")).absolute())), "a")
    data = {json.dumps(row.as_json(metric.name)["data"]) for row in rows}
    assert len(data) == 1
    assert "set.npz" in (text := data.pop())
    assert "private" not in text
