"""The benchmark of the evaluator runs to its end at toy size and says what it was asked to measure."""

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

SCRIPT = Path(__file__).parents[2] / "benchmarks" / "evaluator.py"


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(SCRIPT), *arguments], capture_output=True, text=True, timeout=300, check=True
    )


@pytest.mark.slow
def test_a_toy_run_reports_every_figure() -> None:
    result = json.loads(
        run("--task", "digits", "--networks", "1", "--images", "100", "--workers", "1", "--json").stdout
    )
    assert set(result["seconds_per_network"]) == {"ours", "fresh", "bare"}
    assert all(seconds > 0 for seconds in result["seconds_per_network"].values())
    for name in ("fresh", "bare"):
        ratio = result["speed_of_ours"][name]
        assert 0 < ratio["low"] <= ratio["ratio"] <= ratio["high"]
    assert result["speed_of_ours"]["fresh"]["ratio"] > 1
    assert 0 < result["overhead_ms"]["median"] <= result["overhead_ms"]["p95"]


def test_networks_that_ran_side_by_side_count_as_one_for_the_interval() -> None:
    spec = importlib.util.spec_from_file_location("evaluator_benchmark", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    ratios = np.array([0.8, 0.85, 0.9, 0.95, 1.0, 1.05, 1.1])
    alone, by_two = module.asdict_of_ratio(ratios, 0.9, 1), module.asdict_of_ratio(np.repeat(ratios, 2), 0.9, 2)
    assert by_two == pytest.approx(alone)
    odd = module.asdict_of_ratio(ratios, 0.9, 2)  # the last one ran alone
    assert odd["ratio"] == pytest.approx(alone["ratio"])


def test_without_the_data_it_says_so_and_skips(tmp_path: Path) -> None:
    environment = {**os.environ, "ARCHWRIGHT_DATA": str(tmp_path), "ARCHWRIGHT_CACHE": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, str(SCRIPT), "--task", str(tmp_path / "nothing")],
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    assert done.stderr.startswith("skipped: ")
