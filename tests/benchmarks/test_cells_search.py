"""The comparison of searches runs at toy size, and goes on with what is there."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "benchmarks" / "cells_search.py"


@pytest.mark.slow
def test_searches_are_run_once_and_compared(tmp_path: Path, shared_data: Path) -> None:
    words = ["--spaces", "nasbench201", "--strategies", "random", "bayesian", "--seeds", "2", "--queries", "50"]
    command = [sys.executable, str(SCRIPT), *words, "--runs", str(tmp_path / "runs"), "--out", str(tmp_path / "o.json")]
    first = subprocess.run(command, check=True, capture_output=True, text=True)
    result = json.loads((tmp_path / "o.json").read_text("utf-8"))
    by_name = {(row["dataset"], row["strategy"]): row for row in result["figures"]}
    assert len(by_name) == 6
    for row in by_name.values():
        mean, low, high = row["at"]["test"]["50"]
        assert low <= mean <= high
        assert row["curve"]["regret"] == sorted(row["curve"]["regret"], reverse=True)
    assert [round(100 * bound["test"], 2) for bound in result["best_by_validation"]] == [94.37, 73.51, 46.2]
    regret = {
        strategy: sum(by_name[dataset, strategy]["at"]["regret"]["50"][0] for dataset in ("c10", "c100", "in16"))
        for strategy in ("random", "bayesian")
    }
    assert regret["bayesian"] < regret["random"]
    again = subprocess.run(command, check=True, capture_output=True, text=True)
    assert again.stderr == ""
    assert again.stdout == first.stdout
