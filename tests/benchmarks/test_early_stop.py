"""The benchmark of the early stop counts what it is asked to, at toy size."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "benchmarks" / "early_stop.py"


@pytest.mark.slow
def test_a_toy_run_counts_what_was_stopped() -> None:
    options = ["--networks", "1", "--variants", "1", "--images", "300", "--stop-at", "0.5"]
    done = subprocess.run(
        [sys.executable, str(SCRIPT), *options], capture_output=True, text=True, timeout=300, check=True
    )
    result = json.loads(done.stdout)
    rate, low, high = result["false_negative_rate"]
    assert result["evaluations"] == 2
    assert 0 <= result["false_negatives"] <= min(result["stopped"], result["would_learn"])
    assert 0.0 <= low <= rate <= high <= 1.0
