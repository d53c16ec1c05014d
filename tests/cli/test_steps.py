"""Progress of a training in steps and of downloads, where it goes to a file."""

import io

import pytest

from archwright.cli import steps
from archwright.cli.steps import StepProgress, load_data
from archwright.evaluation import data
from archwright.task import Task


def test_lines_say_how_long_it_will_take(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    monkeypatch.setattr(steps.time, "monotonic", lambda: now[0])
    file = io.StringIO()
    with StepProgress(file) as progress:
        for step in range(1, 101):
            progress.on_step(step, 100, 1.0, 150.0)
            now[0] += 1.0
        progress.on_pause("epoch 1: good")
    shown = file.getvalue().splitlines()
    assert shown[:2] == [
        "step 1/100  loss 1.000  150 tokens/s",
        "step 31/100  loss 1.000  150 tokens/s  1 min 09 s left",
    ]
    assert len(shown) == 6
    assert shown[-1] == "epoch 1: good"


def test_a_pause_is_not_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    monkeypatch.setattr(steps.time, "monotonic", lambda: now[0])
    file = io.StringIO()
    with StepProgress(file, "prior") as progress:
        progress.on_step(1, 100, 1.0)
        progress.on_pause("sampled")
        for step in (2, 3):
            now[0] += 1_000.0
            progress.on_step(step, 100, 0.5)
    assert file.getvalue().splitlines() == [
        "prior: step 1/100  loss 1.000",
        "sampled",
        "prior: step 2/100  loss 0.500",
        "prior: step 3/100  loss 0.500  26 h 56 min left",
    ]


def test_data_that_is_here_shows_nothing() -> None:
    shown = io.StringIO()
    assert load_data(Task(name="digits"), shown).spec.classes == 10
    assert shown.getvalue() == ""


def test_a_download_names_its_file(monkeypatch: pytest.MonkeyPatch) -> None:
    digits = data.load_task_data(Task(name="digits"))

    def downloading(task, on_progress):
        on_progress("train-images.gz", 0, 1000)
        on_progress("train-images.gz", 1000, 1000)
        return digits

    monkeypatch.setattr(data, "load_task_data", downloading)
    shown = io.StringIO()
    assert load_data(Task(name="mnist"), shown) is digits
    assert "downloading train-images.gz" in shown.getvalue()
