"""All tables of cells come from one command, at toy size without the language model, and are not made twice."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "benchmarks" / "cells.py"


@pytest.mark.slow
def test_all_tables_come_from_one_command(tmp_path: Path, shared_data: Path) -> None:
    out = tmp_path / "results"
    command = [sys.executable, str(SCRIPT), "--smoke", "--folder", str(tmp_path / "runs"), "--out", str(out)]
    first = subprocess.run(command, check=True, capture_output=True, text=True)
    for title in ("autoencoder, published", "samples decoder", "search", "the priors side by side, temperature 1"):
        assert f"## nasbench201 {title}" in first.stdout or f"## nasbench201: {title}" in first.stdout
    side_by_side = first.stdout.split("side by side")[1]
    for kind in ("decoder", "t5"):
        assert f"| {kind} | plain | 1 | strict | 50 | 50 |" in side_by_side
    search = json.loads((out / "cells_search_nasbench201.json").read_text("utf-8"))
    assert {row["strategy"] for row in search["figures"]} == {"random", "bayesian", "sequence"}
    assert all(row["queries"] == [45, 45] for row in search["figures"])
    for name in ("cells_autoencoder_nasbench201_default.json", "cells_samples_nasbench201_decoder_figure3.svg"):
        assert (out / name).stat().st_size > 1_000
    models = {path: path.stat().st_mtime_ns for path in (tmp_path / "runs").rglob("*.safetensors")}
    assert models
    again = subprocess.run(command, check=True, capture_output=True, text=True)
    assert {path: path.stat().st_mtime_ns for path in models} == models
    assert again.stdout == first.stdout
