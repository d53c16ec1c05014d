import json
from pathlib import Path

import pytest

from archwright.programs.extraction import extract_program

PAIRS = Path(__file__).parents[2] / "docs" / "results" / "adapter_pairs_varied.jsonl"


@pytest.fixture(scope="module")
def answers() -> list[dict[str, str]]:
    return [json.loads(line) for line in PAIRS.read_text("utf-8").splitlines()]


def test_the_pairs_of_the_adapter_that_ships_are_in_this_order(recipe, answers):
    programs = [extract_program(pair["completion"]) for pair in answers]
    assert recipe.farthest_first(programs) == list(range(len(programs)))
    assert recipe.farthest_first(programs[::-1]) != list(range(len(programs)))


def test_they_answer_the_prompt_that_is_written(recipe, answers, tmp_path):
    recipe.write_pairs(tmp_path / "pairs.jsonl", [extract_program(pair["completion"]) for pair in answers])
    assert (tmp_path / "pairs.jsonl").read_text("utf-8") == PAIRS.read_text("utf-8")


def test_the_first_ones_lie_farther_apart_than_the_rest(recipe):
    block = "import torch.nn as nn\n\n\nclass Net(nn.Module):\n    def __init__(self):\n        self.a = nn.{}\n"
    programs = [block.format(layer) for layer in ("Linear(1, 2)", "Linear(1, 3)", "Conv2d(3, 8, 3, stride=2)")]
    assert set(recipe.farthest_first(programs)[:2]) > {2}
    assert recipe.farthest_first([]) == []
