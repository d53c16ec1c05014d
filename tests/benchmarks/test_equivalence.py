"""The evaluator's fast path against a plain training loop, at a size that says whether anything is badly wrong."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "benchmarks" / "equivalence.py"


@pytest.mark.slow
def test_the_fast_path_learns_what_a_plain_loop_learns() -> None:
    options = ["--task", "digits", "--images", "0", "--networks", "2", "--seeds", "2", "--epochs", "2", "--json"]
    done = subprocess.run(
        [sys.executable, str(SCRIPT), *options], capture_output=True, text=True, timeout=300, check=True
    )
    result = json.loads(done.stdout)
    assert result["n"] == len(result["rows"]) == 4
    assert min(row[way] for row in result["rows"] for way in ("ours", "plain")) > 0.5  # chance is 0.1
    assert abs(result["mean_difference"]) < 0.03
    assert 0.0 <= result["tost_p"] <= 1.0
    low, high = result["interval_90"]
    assert low <= result["mean_difference"] <= high
