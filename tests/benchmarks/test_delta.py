"""The benchmark of edits goes on where it was, and counts what was applied, valid and better."""

import importlib.util
import json
from pathlib import Path
from types import ModuleType

import pytest

from archwright.configuring import load_config
from archwright.programs.patching import compact_diff
from archwright.prompts import shown_in
from archwright.testing.models import FakeModel

SCRIPT = Path(__file__).parents[2] / "benchmarks" / "delta.py"


@pytest.fixture(scope="module")
def script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("delta_benchmark", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class Editor(FakeModel):
    """Adds a line to every parent with `Net`'s usual beginning; refuses to answer the second question it is asked."""

    def complete(self, prompts, decoding, seeds):  # type: ignore[no-untyped-def]
        completions = []
        for prompt, seed in zip(prompts, seeds, strict=True):
            base = shown_in(str(prompt))
            assert base is not None
            edited = base.replace("class Net(nn.Module):\n", "class Net(nn.Module):\n    added = 1\n")
            self.texts = ["\n".join(compact_diff(base, edited)) if len(self.asked) != 1 else "no"]
            completions += super().complete([prompt], decoding, [seed])
        return completions


def test_samples_are_taken_once_and_counted(
    script: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(script, "verified", lambda sources: dict.fromkeys(sources))
    monkeypatch.setattr(script, "whole_tokens", lambda programs: [100 for _ in programs])
    config = load_config("delta-laptop", ["llm.repair_rounds=0"]).model_dump(mode="json")
    log, model = tmp_path / "log.jsonl", Editor()
    script.sample(model, config, 2, 2, log)
    with log.open("a") as file:
        file.write('{"step": "sample", "ind')  # killed while it wrote
    script.sample(model, config, 4, 2, log)
    assert len(model.asked) == 4
    found = script.table(script.read(log))
    assert found["all"]["applied"][3:] == [3, 4]
    assert found["all"]["valid"][3:] == [3, 4]
    assert found["all"]["refused"] == {"no_patch": 1}
    assert found["written by the model"]["applied"][3:] == [1, 2]
    assert found["all"]["edited_lines_median"] == 1


def test_changes_are_against_the_first_training_of_the_parent(script: ModuleType) -> None:
    values = {"parent": 0.5, "identity": 0.4, "delta": 0.7, "mutation": None}
    rows = [{"step": "score", "index": 3, "arm": arm, "value": value} for arm, value in values.items()]
    found = script.changes(json.loads(json.dumps(rows)))
    assert found["delta"]["mean_change"] == pytest.approx(0.2)
    assert found["identity"]["mean_change"] == pytest.approx(-0.1)
    assert (found["mutation"]["candidates"], found["mutation"]["scored"]) == (1, 0)
