"""Answers held to the grammar of their prompt."""

import json
import logging
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from archwright.generators.advised import GRAMMAR, Advice
from archwright.llm.hardware import Hardware
from archwright.llm.local import LocalModel
from archwright.llm.model import Decoding, FinishReason, Prompt

PLAIN = Hardware("cpu", torch.float32, torch.float32)
DECODING = Decoding(temperature=1.0, top_k=50, top_p=1.0, max_new_tokens=60)
SCHEMA = {
    "type": "object",
    "properties": {"w0": {"type": "integer", "minimum": 8, "maximum": 64, "multipleOf": 4}, "w1": {"const": 5}},
    "required": ["w0", "w1"],
    "additionalProperties": False,
    "x-guidance": {"whitespace_flexible": False},
}
ASKED = Prompt("You are brief.", "Which widths?")
YES = Prompt("", "Say yes.", grammar='start: "yes" | "no, " /[a-z]{3}/')


def test_the_answer_of_a_random_model_keeps_to_a_schema(tiny_model: LocalModel) -> None:
    asked = replace(ASKED, grammar=f"start: %json {json.dumps(SCHEMA)}")
    for seed, completion in enumerate(tiny_model.complete([asked] * 4, DECODING, range(4))):
        answer = json.loads(completion.text)
        assert (list(answer), answer["w1"]) == (["w0", "w1"], 5), seed
        assert answer["w0"] in range(8, 65, 4)
        assert completion.finish_reason is FinishReason.STOP


def test_every_prompt_has_its_own_grammar_and_neighbours_are_free(tiny_model: LocalModel) -> None:
    free, held, other = tiny_model.complete([ASKED, YES, replace(YES, grammar='start: "maybe"')], DECODING, [1, 2, 3])
    assert held.text == "yes" or (held.text.startswith("no, ") and len(held.text) == 7)
    assert other.text == "maybe"
    assert free.text == tiny_model.complete([ASKED], DECODING, [1])[0].text


def test_the_likeliest_allowed_token_is_taken_at_temperature_zero(tiny_model: LocalModel) -> None:
    (completion,) = tiny_model.complete([YES], replace(DECODING, temperature=0.0, top_k=0), [0])
    assert completion.text == "yes" or completion.text.startswith("no, ")


def test_a_model_that_is_not_constrained_reads_no_form(tiny_folder: Path) -> None:
    model = LocalModel(tiny_folder, name="tiny", batch=4, hardware=PLAIN, constrained=False)
    bare = model.complete([replace(YES, grammar="")], DECODING, [2])
    assert model.complete([YES], DECODING, [2])[0].text == bare[0].text
    model.close()


@pytest.mark.parametrize("grammar", ["start: undefined", "no grammar at all", 'start: "x'])
def test_a_form_that_cannot_be_followed_leaves_the_answer_free(
    tiny_model: LocalModel, grammar: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        (completion,) = tiny_model.complete([replace(ASKED, grammar=grammar)], DECODING, [1])
    assert completion.text == tiny_model.complete([ASKED], DECODING, [1])[0].text
    assert "not held to its form" in caplog.text


def test_advice_of_a_random_model_can_be_read(tiny_model: LocalModel) -> None:
    longest = replace(DECODING, max_new_tokens=3 * 400 + 50)
    (completion,) = tiny_model.complete([replace(ASKED, grammar=GRAMMAR)], longest, [4])
    assert Advice.model_validate_json(completion.text)
