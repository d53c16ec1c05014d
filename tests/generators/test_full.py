"""The `full` generator: from completion to program."""

import json
from pathlib import Path

import pytest

from archwright.candidate import WRITER, Key, Repair
from archwright.config import load_config
from archwright.contracts.network import NETWORK
from archwright.evaluation.data import load_spec
from archwright.generators.full import FullGenerator
from archwright.generators.generator import Generator, Request, Setting
from archwright.llm.replay import ReplayModel
from archwright.testing.generators import GeneratorContract, written
from archwright.testing.programs import GOOD


def full_generator(*settings: str) -> FullGenerator:
    return FullGenerator(Setting(load_config(settings=settings), load_spec("digits"), NETWORK))


class TestFullGenerator(GeneratorContract):
    @pytest.fixture
    def generator(self) -> Generator:
        return full_generator()


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
    requests = [Request(key=Key(1, index), seed=index) for index in range(4)]
    candidates = written(full_generator(*settings), requests, {WRITER: ReplayModel(recording)})
    assert [candidate.facts["repair"] for candidate in candidates] == expected
    assert [candidate.writer and candidate.writer.completion for candidate in candidates] == texts
    sources = [candidate.program and candidate.program.source for candidate in candidates]
    assert sources[0] == whole.strip()
    assert (sources[1] == whole) == (not settings)
