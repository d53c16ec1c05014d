"""The laboratory at toy size, and what its committed result says."""

import importlib
import json
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture
def laboratory(monkeypatch):
    monkeypatch.syspath_prepend(str(ROOT / "benchmarks"))
    return importlib.import_module("laboratory")


@pytest.fixture
def toy(laboratory):
    rng = np.random.default_rng(0)
    q = rng.random((3, 3, 3))
    return laboratory.Space(q, q + rng.normal(0, 0.1, q.shape), q > 0.1, np.arange(27).reshape(q.shape) // 2)


def test_every_statement_is_tried_at_toy_size(laboratory, toy):
    findings = laboratory.try_all(toy, starts=5, seeds=2)
    assert [finding.statement[0] for finding in findings] == list("123456")
    assert len(list(laboratory.table(findings))) == 8
    json.dumps([finding.figures for finding in findings])


def test_the_same_seeds_give_the_same_figures(laboratory, toy):
    from laboratory_programs import try_novelty

    assert try_novelty(toy, 2) == try_novelty(toy, 2)


def test_the_table_in_the_docs_is_the_committed_result(laboratory):
    result = json.loads((ROOT / "docs/results/laboratory.json").read_text("utf-8"))
    docs = (ROOT / "docs/benchmarks.md").read_text("utf-8")
    for finding in result["findings"]:
        assert f"| {finding['statement']} | {finding['verdict']} | {finding['summary']} |" in docs


def test_zero_cells_and_elites_are_counted_on_the_real_space(laboratory, shared_data):
    space = laboratory.read_space()
    assert int(space.is_valid.sum()) == 15_284
    assert int(space.structure.max()) + 1 == 6_466
    assert float(space.truth.max()) == pytest.approx(0.94373, abs=1e-5)
