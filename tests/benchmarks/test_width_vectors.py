"""What the benchmark of width vectors counts; the model that it asks is a real one, which takes minutes."""

import importlib
from pathlib import Path

import pytest

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


def sample(**values: object) -> dict[str, object]:
    usual = {
        "step": "sample",
        "widths_before": {"w0": 8},
        "widths": None,
        "refused": None,
        "failure": None,
        "tokens": 10,
    }
    return usual | values


def test_answers_are_usable_valid_or_refused_and_networks_without_widths_are_left_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.syspath_prepend(BENCHMARKS)
    script = importlib.import_module("width_vectors")
    lines = [
        {"step": "settings", "llm": {"adapter": "given"}},
        {"step": "left out", "index": 0},
        sample(widths={"w0": 16}),
        sample(widths={"w0": 16}),
        sample(widths={"w0": 32}, failure="build/shape"),
        sample(refused="these are the widths it has; change at least one"),
    ]
    found = script.table(lines)
    assert (found["usable"][3:], found["valid"][3:]) == ([3, 4], [2, 4])
    assert found["refused"] == {"these are the widths it has": 1}
    assert found["failures"] == {"build/shape": 1}
    assert (found["left_out"], found["distinct"], found["tokens_mean"]) == (1, 2, 10)
