"""The GPU benchmark runs to its end at toy size on the CPU, and a second call goes on from the first."""

import importlib.util
import json
import sys
from pathlib import Path
from types import ModuleType

import pytest

from archwright.evaluation.device import find_devices
from archwright.sandbox.cuda import is_driver_loaded

SCRIPT = Path(__file__).parents[2] / "benchmarks" / "gpu" / "evaluator.py"


@pytest.fixture
def script(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    spec = importlib.util.spec_from_file_location("gpu_evaluator_benchmark", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, spec.name, module)
    spec.loader.exec_module(module)
    return module


def test_a_toy_run_measures_every_setting_once_and_poison_costs_only_itself(
    script: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    first, second = tmp_path / "first.jsonl", tmp_path / "second.jsonl"
    monkeypatch.setattr(sys, "argv", ["evaluator.py", "--toy", "--out", str(first), "--known", str(tmp_path / "none")])
    script.main()
    rows = [json.loads(line) for line in first.read_text().splitlines()]
    assert [(row["workers"], row["mps"]) for row in rows] == [(2, False), (1, False)]
    for row in rows:
        assert (row["valid"], row["harmed"], row["networks"]) == (4, 0, 4), row
        assert len(row["poison"]) == 2
        assert "valid" not in row["poison"]
        assert row["low"] < row["per_hour"]
    out = capsys.readouterr().out
    assert "Poison cost only itself: yes" in out
    assert "batch 64: 4,000 an hour: not measured" in out
    monkeypatch.setattr(script, "measure", None)  # a second measurement would fail
    monkeypatch.setattr(sys, "argv", ["evaluator.py", "--toy", "--out", str(second), "--known", str(first)])
    script.main()
    assert second.read_text() == first.read_text()


def test_nothing_is_left_of_a_setting_for_which_there_was_no_time(
    script: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out.jsonl"
    arguments = ["--toy", "--out", str(out), "--known", str(tmp_path / "none"), "--budget-s", "0"]
    monkeypatch.setattr(sys, "argv", ["evaluator.py", *arguments])
    script.main()
    assert out.read_text() == ""
    assert "still to be measured: Setting(batch=32, workers=2, mps=False)" in capsys.readouterr().out


@pytest.mark.skipif(is_driver_loaded(), reason="there is a GPU")
def test_without_a_gpu_it_says_so(script: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["evaluator.py"])
    with pytest.raises(SystemExit, match="cannot be met: NVIDIA's driver is not loaded"):
        script.look(script.parse_options())
    assert find_devices("auto") == ["cpu"]
