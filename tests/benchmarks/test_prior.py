"""The benchmark of the prior counts what a recorded model wrote, and goes on where it was killed."""

import importlib.util
import json
from pathlib import Path
from types import ModuleType

import pytest

from archwright.config import LlmConfig
from archwright.llm.replay import ReplayModel
from archwright.starters import load_seed_corpus

SCRIPT = Path(__file__).parents[2] / "benchmarks" / "prior.py"
SEED_NETWORK = load_seed_corpus()[0].program.source
NET = """\
import torch
import torch.nn as nn


class Net(nn.Module):
    def __init__(self, in_shape, out_shape, prm, device):
        super().__init__()
        self.conv = nn.Conv2d(in_shape[1], 24, 7, 5)
        self.fc = nn.Linear(24 * 36, out_shape[0])

    def forward(self, x):
        x = torch.relu(self.conv(x))
        return self.fc(torch.flatten(x, 1))
"""
TEXTS = {
    "known": SEED_NETWORK,
    "novel": NET,
    "renamed": NET.replace("conv", "stem"),
    "cut off": f"{NET}\n\nclass Other(nn.Module):\n    def __init__(self):\n        self.conv = nn.Conv2d(3,",
    "without an import": NET.replace("torch.relu", "F.relu"),
    "wrong shape": NET.replace("24 * 36", "24 * 35"),
    "prose": "I would rather not.",
}


@pytest.fixture(scope="module")
def prior() -> ModuleType:
    spec = importlib.util.spec_from_file_location("prior", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_every_step_is_counted_separately(prior: ModuleType, tmp_path: Path) -> None:
    samples = [
        prior.Sample(number % 2, number, f"```python\n{text}\n```", "stop", 100, 200, 2.0, 1.0)
        for number, text in enumerate(TEXTS.values())
    ]
    judged = prior.judge(samples)
    result = prior.count_all(judged, prior.read_corpus([]))
    counts = result["pooled"]
    assert {step: counted[3:] for step, counted in counts["valid"].items()} == {
        "raw": [3, 7],
        "trimmed": [4, 7],
        "completed": [5, 7],
    }
    assert counts["distinct"][3:] == [3, 5]  # The renamed and the trimmed one are the novel one.
    assert counts["novel"][3:] == [4, 5]
    assert counts["failures_raw"] == {"parse/syntax": 1, "forward/name": 1, "forward/shape": 1, "parse/prose": 1}
    assert counts["failures_completed"] == {"forward/shape": 1, "parse/prose": 1}
    assert (counts["wall_s_per_valid"], counts["cpu_s_per_valid"]) == (14 / 5, 7 / 5)
    assert result["by_seed"]["0"]["valid"]["completed"][4] == 4
    assert any("71.4 %" in line and "(5/7)" in line for line in prior.table(result))
    prior.keep(judged, tmp_path / "kept")
    assert len(list((tmp_path / "kept").iterdir())) == len({each.best_source for each in judged if each.is_valid()})


def test_a_run_that_was_killed_goes_on(prior: ModuleType, tmp_path: Path) -> None:
    recording, path, settings = tmp_path / "recording", tmp_path / "log.jsonl", {"adapter": "none"}
    recording.write_text("".join(json.dumps({"text": text}) + "\n" for text in TEXTS.values()), "utf-8")
    keys = [(0, index) for index in range(5)]
    whole, config = prior.Log(tmp_path / "whole.jsonl", settings), LlmConfig(batch=2)
    prior.draw(ReplayModel(recording), config, keys, whole)
    log = prior.Log(path, settings)
    prior.draw(ReplayModel(recording), config, keys[:2], log)
    with path.open("a") as file:
        file.write('{"seed": 0, "ind')
    log = prior.Log(path, settings)
    assert set(log.samples) == set(keys[:2])
    prior.draw(ReplayModel(recording), config, keys[2:], log)
    assert [prior.Log(path, settings).samples[key].text for key in keys] == [whole.samples[key].text for key in keys]
    with pytest.raises(ValueError, match="--log"):
        prior.Log(path, {"adapter": "other"})
