"""The three examples run as they are, in this process: the warm process of the tests spares each its own."""

import runpy
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

Run = Callable[..., str]
EXAMPLES = Path(__file__).resolve().parents[1] / "examples"


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run an example with arguments and return what it printed."""

    def run_example(name: str, *arguments: str) -> str:
        monkeypatch.setattr(sys, "argv", [name, *arguments])
        runpy.run_path(str(EXAMPLES / name), run_name="__main__")
        return capsys.readouterr().out

    return run_example


def test_evaluating_a_network_prints_its_mean_over_three_seeds(run: Run) -> None:
    assert "over 3 seeds" in run("evaluate_a_network.py")


def test_ask_and_tell_runs_every_cycle(tmp_path: Path, run: Run) -> None:
    shown = run("ask_and_tell.py", str(tmp_path / "run"))
    assert [line.split(":")[0] for line in shown.splitlines()] == ["cycle 1", "cycle 2", "cycle 3"]


def test_searching_by_evolution_shows_the_best_program(tmp_path: Path, run: Run) -> None:
    shown = run("search_by_evolution.py", str(tmp_path / "run"), "loop.cycles=1", "loop.candidates=2")
    assert "cycle 1: 2 of 2 valid" in shown
    assert "class Net(nn.Module):" in shown
