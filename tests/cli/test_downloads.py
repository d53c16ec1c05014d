import io

import pytest

from archwright.cli.downloads import load_data
from archwright.evaluation import data
from archwright.task import Task


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
