"""The benchmark of the settings runs to its end at toy size."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "benchmarks" / "cpu_settings.py"


@pytest.mark.slow
def test_a_toy_run_compares_every_arrangement() -> None:
    options = ["--networks", "2", "--images", "64", "--repeats", "1", "--json"]
    done = subprocess.run(
        [sys.executable, str(SCRIPT), *options], capture_output=True, text=True, timeout=300, check=True
    )
    result = json.loads(done.stdout)
    assert len(result) == 5
    assert result["own"]["ratio"] == 1.0
    assert all(row["images_per_s"] > 0 for row in result.values())
