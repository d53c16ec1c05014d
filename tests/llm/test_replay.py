"""Recorded completions: picked by the seed alone, the same to the last bit."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archwright.config import LlmConfig
from archwright.errors import ModelError, UsageError
from archwright.llm.model import Completion, Decoding, FinishReason, Prompt, Trainable
from archwright.llm.registry import find_adapter, is_trainable
from archwright.llm.replay import ReplayModel, read_recording
from archwright.testing.models import FakeModel, LanguageModelContract

DECODING = Decoding(temperature=0.2, top_k=50, top_p=0.9, max_new_tokens=16)
PROMPT = Prompt("", "Write.")


class TestContract(LanguageModelContract):
    @pytest.fixture
    def model(self, tmp_path: Path) -> ReplayModel:
        return recording(tmp_path, ["a", "b", ""])


class TestFakeContract(LanguageModelContract):
    @pytest.fixture
    def model(self) -> FakeModel:
        return FakeModel(["a", "b", ""])


def recording(folder: Path, texts: list[str]) -> ReplayModel:
    path = folder / "recording.jsonl"
    rows = [{"text": text, "prompt_tokens": 3, "completion_tokens": 4} for text in texts]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    return ReplayModel(path)


@given(seeds=st.lists(st.integers(0, 2**63 - 1), min_size=1), cut=st.integers(0, 10))
def test_the_answer_follows_from_the_seed_and_from_nothing_before(
    tmp_path_factory: pytest.TempPathFactory, seeds: list[int], cut: int
) -> None:
    model = recording(tmp_path_factory.mktemp("replay"), ["a", "b", "c"])
    at_once = model.complete([PROMPT] * len(seeds), DECODING, seeds)
    in_parts = [
        answer for part in (seeds[:cut], seeds[cut:]) for answer in model.complete([PROMPT] * len(part), DECODING, part)
    ]
    assert at_once == in_parts
    assert [answer.text for answer in at_once] == ["abc"[seed % 3] for seed in seeds]


def test_counts_come_back_and_take_no_time(tmp_path: Path) -> None:
    [answer] = recording(tmp_path, ["é\n```"]).complete([PROMPT], DECODING, [5])
    assert answer == Completion("é\n```", 3, 4, FinishReason.STOP, wall_s=0.0)


def test_only_the_text_is_required(tmp_path: Path) -> None:
    (tmp_path / "r.jsonl").write_text('{"text": "hello"}\n\n{"text": ""}\n', "utf-8")
    answers = ReplayModel(tmp_path / "r.jsonl").complete([PROMPT] * 2, DECODING, [0, 1])
    assert [answer.finish_reason for answer in answers] == [FinishReason.STOP, FinishReason.EMPTY]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "is empty"),
        (b'{"text": "a"}\n{"txt": "b"}\n', "line 2"),
        (b'{"text": 5}\n', "line 1"),
        (b"[]\n", "line 1"),
        (b'{"text": "cut of', "line 1"),
        (b"\xff\xfe", "cannot be read"),
    ],
)
def test_a_file_that_is_no_recording_is_named(content: bytes, says: str, tmp_path: Path) -> None:
    (tmp_path / "r.jsonl").write_bytes(content)
    with pytest.raises(UsageError, match=says):
        ReplayModel(tmp_path / "r.jsonl")


def test_what_is_null_is_left_out(tmp_path: Path) -> None:
    path = tmp_path / "r.jsonl"
    path.write_text('{"text": "a", "finish_reason": null, "prompt_tokens": null, "when": null}\n')
    assert read_recording(path)[0].completion.finish_reason is FinishReason.STOP


@pytest.mark.parametrize("row", ['"finish_reason": "eos"', '"prompt_tokens": -1', '"when": "["'])
def test_a_wrong_part_of_a_line_is_refused_with_what_there_may_be(row: str, tmp_path: Path) -> None:
    path = tmp_path / "r.jsonl"
    path.write_text(f'{{"text": "a", {row}}}\n')
    with pytest.raises(UsageError, match=r"line 1 of .* — each line .*finish_reason \(stop, length, empty, refused\)"):
        read_recording(path)


def test_it_takes_no_adapter(tmp_path: Path) -> None:
    model = recording(tmp_path, ["a"])
    assert model.adapter is None
    assert not isinstance(model, Trainable)
    assert not is_trainable(LlmConfig(model=model.name))
    with pytest.raises(UsageError, match="takes no adapters"):
        find_adapter(LlmConfig(model=model.name, adapter=str(tmp_path)))


def test_a_line_with_a_condition_answers_the_prompts_that_meet_it_in_place_of_the_others(tmp_path: Path) -> None:
    path = tmp_path / "script.jsonl"
    path.write_text('{"text": "a"}\n{"text": "b", "when": "(?s)failed.*twice"}\n{"text": "c", "when": "failed"}\n')
    model = ReplayModel(path)
    prompts = [Prompt("", "Write."), Prompt("it failed", "twice"), Prompt("", "failed")]
    answers = [model.complete([prompt] * 2, DECODING, [0, 1]) for prompt in prompts]
    assert [[answer.text for answer in two] for two in answers] == [["a", "a"], ["b", "c"], ["c", "c"]]
    path.write_text('{"text": "b", "when": "failed"}\n')
    with pytest.raises(ModelError, match="answers this prompt — add one without"):
        ReplayModel(path).complete([PROMPT], DECODING, [0])
    path.write_text('{"text": "b", "when": "("}\n')
    with pytest.raises(UsageError, match="line 1"):
        ReplayModel(path)


def test_nobody_waits_for_a_condition(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("archwright.llm.replay.LONGEST_SEARCH_S", 0.2)
    path = tmp_path / "script.jsonl"
    path.write_text('{"text": "a"}\n{"text": "b", "when": "(.*a){25}[XY]"}\n')
    with pytest.raises(ModelError, match=r"more than 0.2 s, last for"):
        ReplayModel(path).complete([Prompt("", "a" * 500)], DECODING, [0])
