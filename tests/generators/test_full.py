"""The `full` generator: from completion to program."""

import json
import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import cast

import pytest

from archwright.candidate import WRITER, Failure, Key, Repair
from archwright.configuring import load_config
from archwright.contracts.contract import Contract
from archwright.contracts.network import NETWORK
from archwright.contracts.parse import parse
from archwright.evaluation.data import load_spec
from archwright.generators.full import FullGenerator
from archwright.generators.generator import Generator, Request, Setting
from archwright.llm.model import Prompt
from archwright.llm.replay import ReplayModel
from archwright.prompts import DUAL_TASK_SPECS, render_full
from archwright.testing.generators import GeneratorContract, written
from archwright.testing.programs import GOOD
from archwright.testing.records import recorded


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


def quoted_in(prompt: Prompt) -> list[str]:
    return re.findall(r"```python\n(.*?)\n```", prompt.user, re.DOTALL)


def test_a_lesson_asks_in_the_very_words_that_the_model_was_asked_in() -> None:
    generator = full_generator("llm.examples=2", "tune.dual_task=false")
    quoted = tuple(NETWORK.starters()[:2])
    request = Request(examples=quoted, key=Key(1, 0), seed=3)
    (candidate,) = written(generator, [request])
    (pair,) = generator.lessons([recorded(candidate)], [])
    assert pair.prompt == generator.prompt_for(request)
    assert len(quoted_in(pair.prompt)) == 2


def test_known_programs_are_asked_for_with_as_many_examples_as_a_cycle_to_come_and_never_beside_themselves() -> None:
    known = NETWORK.starters()[:4]
    pairs = full_generator("llm.examples=2").lessons([], known)
    assert len(pairs) == 8  # two wordings
    for number, pair in enumerate(pairs):
        blocks = quoted_in(pair.prompt)
        assert len(set(blocks)) == 2
        assert known[number // 2].program.source.strip() not in blocks
    assert pairs == full_generator("llm.examples=2").lessons([], known)
    assert not any(quoted_in(pair.prompt) for pair in full_generator().lessons([], known))


def test_a_lesser_copy_of_a_data_set_is_asked_for_in_the_published_words() -> None:
    cifar = next(spec for spec in DUAL_TASK_SPECS if spec.name == "cifar10")
    copy = replace(cifar, title="CIFAR-10 (JPEG copy)", wording="CIFAR-10")
    budget = load_config().budget
    assert render_full(copy, budget, "compact") == render_full(cifar, budget, "compact")
    assert "my photographs" in render_full(replace(cifar, title="my photographs"), budget, "full").user


@dataclass(frozen=True)
class TransformContract:
    """Programs that define `augment` and are no networks."""

    defines: str = "augment"

    def check(self, source: str, *, with_policy: bool) -> tuple[Failure, ...]:
        tree = parse(source)
        return (tree,) if isinstance(tree, Failure) else ()


def test_the_contract_says_what_is_looked_for_and_what_is_sound(tmp_path: Path) -> None:
    contract = cast(Contract, TransformContract())
    generator = FullGenerator(Setting(load_config(), load_spec("digits"), contract))
    augment = "def augment(x):\n    return -x\n"
    text = f"```python\n{augment}\nclass Rest:\n    def cut(\n```\nTo be used with:\n```python\nclass Net: ...\n```"
    recording = tmp_path / "recording.jsonl"
    recording.write_text(json.dumps({"text": text}) + "\n", "utf-8")
    (candidate,) = written(generator, [Request(key=Key(1, 0))], {WRITER: ReplayModel(recording)})
    assert candidate.program is not None
    assert candidate.program.source == augment
    assert candidate.facts["repair"] == Repair.TRIMMED
