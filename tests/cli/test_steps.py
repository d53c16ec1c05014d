"""Progress of a training in steps, where it goes to a file."""

import io

import pytest

from archwright.cli import steps
from archwright.cli.steps import StepProgress


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
