"""The comparison of strategies runs real studies, and goes on with what is there."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "benchmarks" / "closed_loop.py"


@pytest.mark.slow
def test_studies_are_run_once_and_compared(tmp_path: Path) -> None:
    words = ["--arms", "random", "--seeds", "0", "--cycles", "2", "--candidates", "2", "--workers", "1"]
    command = [
        sys.executable,
        str(SCRIPT),
        *words,
        "--folder",
        str(tmp_path / "runs"),
        "--out",
        str(tmp_path / "o.json"),
    ]
    subprocess.run(command, check=True)
    result = json.loads((tmp_path / "o.json").read_text("utf-8"))
    (study,) = result["arms"]["random"]["studies"]
    assert study["generated"] == [2, 2]
    assert study["best_so_far"][0] <= study["best_so_far"][1]
    assert result["arms"]["random"]["valid_rate_of_all"][0] == sum(study["valid"]) / 4
    again = subprocess.run(command, check=True, capture_output=True, text=True)
    assert "| 2 |" in again.stdout
    assert json.loads((tmp_path / "o.json").read_text("utf-8"))["arms"] == result["arms"]
