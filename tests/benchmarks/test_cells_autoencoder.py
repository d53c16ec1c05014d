"""The comparison of autoencoders trains them, and keeps what is there; its limit holds for cells known to be hard."""

import importlib.util
import json
import sys
from pathlib import Path

import pytest

from archwright.cells import nasbench101
from archwright.cells.arrays import CellArrays
from archwright.cells.cell import Cell

SCRIPT = Path(__file__).parents[2] / "benchmarks" / "cells_autoencoder.py"
CONV3, CONV1, POOL = nasbench101.INNER


@pytest.fixture
def script():  # type: ignore[no-untyped-def]
    spec = importlib.util.spec_from_file_location("cells_autoencoder", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_arms_are_trained_once_and_compared(tmp_path: Path, script, monkeypatch, capsys) -> None:  # type: ignore[no-untyped-def]
    words = ["nasbench201", "--arms", "published", "default", "--epochs", "1", "--batch", "2048"]
    command = [str(SCRIPT), *words, "--folder", str(tmp_path / "runs"), "--out", str(tmp_path / "o.json")]
    monkeypatch.setattr(sys, "argv", command)
    script.main()
    result = json.loads((tmp_path / "o.json").read_text("utf-8"))
    assert result["limit"] == 1
    assert result["arms"]["published"][0]["config"]["decoder"] == "product"
    assert result["arms"]["default"][0]["cells"] == 1_562
    assert "default, seed 0: epoch 1" in capsys.readouterr().err
    script.main()
    again = capsys.readouterr()
    assert "epoch 1" not in again.err
    assert "| default |" in again.out


def test_twins_that_are_not_connected_are_beyond_the_product(script) -> None:  # type: ignore[no-untyped-def]
    edges = frozenset({(0, 1), (0, 2), (1, 3), (2, 3)})
    twins = Cell(edges, ("input", CONV3, CONV3, "output"))
    others = [
        Cell(edges, ("input", CONV3, POOL, "output")),
        Cell(edges | {(1, 2)}, twins.operations),
        Cell(frozenset({(0, 1)}), ("input", "output")),
    ]
    cells = CellArrays.of([twins, *others], nasbench101.OPERATIONS, nasbench101.VERTICES)
    assert script.product_limit(cells) == 0.75
