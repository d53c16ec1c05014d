"""The `full` generator: from completion to program."""

import json
from pathlib import Path

import pytest

from archwright.candidate import Key, Repair
from archwright.config import load_config
from archwright.evaluation.data import load_spec
from archwright.generators.full import FullGenerator
from archwright.generators.generator import Parts, Request
from archwright.llm.replay import ReplayModel
from archwright.testing.programs import GOOD


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ((), [Repair.RAW, Repair.TRIMMED, Repair.COMPLETED, Repair.RAW]),
        (("llm.repair=false",), [Repair.RAW] * 4),
    ],
)
def test_a_program_says_how_it_came_out_of_its_completion(
    tmp_path: Path, settings: tuple[str, ...], expected: list[Repair]
) -> None:
    whole = GOOD.source
    texts = [whole, f"{whole}\n\nclass Other(nn.Module):\n    def", whole.replace("import torch\n", ""), "Sorry."]
    recording = tmp_path / "recording.jsonl"
    recording.write_text("".join(json.dumps({"text": text}) + "\n" for text in texts), "utf-8")
    parts = Parts(load_config(settings=settings), load_spec("digits"), lambda: ReplayModel(recording))
    candidates = FullGenerator(parts).generate([Request(Key(1, index), seed=index) for index in range(4)])
    assert [candidate.repair for candidate in candidates] == expected
    assert [candidate.completion for candidate in candidates] == texts
    assert candidates[0].program.source == whole.strip()
    assert (candidates[1].program.source == whole) == (not settings)
