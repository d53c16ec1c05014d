"""The three examples run as they are."""

import subprocess
import sys
from pathlib import Path

EXAMPLES = Path(__file__).resolve().parents[1] / "examples"


def run(name: str, *arguments: str) -> str:
    command = [sys.executable, str(EXAMPLES / name), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def test_evaluating_a_network_prints_its_mean_over_three_seeds() -> None:
    assert "over 3 seeds" in run("evaluate_a_network.py")


def test_ask_and_tell_runs_every_cycle(tmp_path: Path) -> None:
    shown = run("ask_and_tell.py", str(tmp_path / "run"))
    assert [line.split(":")[0] for line in shown.splitlines()] == ["cycle 1", "cycle 2", "cycle 3"]


def test_searching_by_evolution_shows_the_best_program(tmp_path: Path) -> None:
    shown = run("search_by_evolution.py", str(tmp_path / "run"), "loop.cycles=1", "loop.candidates=2")
    assert "cycle 1: 2 of 2 valid" in shown
    assert "class Net(nn.Module):" in shown
