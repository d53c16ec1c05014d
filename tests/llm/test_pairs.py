"""Training pairs: one well-formed code block each, and files of them."""

from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from archwright.errors import UsageError
from archwright.llm.local import CLOSED_FENCE
from archwright.llm.model import Prompt
from archwright.llm.pairs import Pair, make_pair, read_pairs, write_pairs
from archwright.programs.extraction import extract_program

PROMPT = Prompt("You design networks.", "Design a network.")


WITHOUT_CONTROLS = st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Zl", "Zp"], include_characters="\n\t")


@given(st.text(alphabet=WITHOUT_CONTROLS))
def test_what_is_taught_is_what_is_cut_out_of_an_answer(source: str) -> None:
    assume(source.strip() and "```" not in source)
    completion = make_pair(PROMPT, source).completion
    assert extract_program(completion) == source.strip("\n").rstrip() + "\n"
    assert CLOSED_FENCE.fullmatch(completion)


def test_a_completion_is_one_fenced_block_and_nothing_else() -> None:
    assert make_pair(PROMPT, "\nx = 1\n\n").completion == "```python\nx = 1\n```"


@pytest.mark.parametrize("source", ["", " \n\n", "x = 1\n```\ny = 2\n", "x = 1\n  ```python\n"])
def test_what_cannot_be_fenced_is_refused(source: str) -> None:
    with pytest.raises(ValueError, match="teaches nothing|fence"):
        make_pair(PROMPT, source)


def test_pairs_come_back_from_their_file(tmp_path: Path) -> None:
    pairs = [make_pair(PROMPT, "x = 'é\u2028'\n"), Pair(Prompt("", "b"), "```python\ny = 1\n```")]
    write_pairs(pairs, tmp_path / "pairs.jsonl")
    assert read_pairs(tmp_path / "pairs.jsonl") == pairs


@pytest.mark.parametrize("line", ['{"user": "a"}', "[1]", "{", '{"user": "a", "completion": 5}'])
def test_a_line_that_is_no_pair_is_named(line: str, tmp_path: Path) -> None:
    (tmp_path / "pairs.jsonl").write_text('{"user": "a", "completion": "b"}\n' + line + "\n", "utf-8")
    with pytest.raises(UsageError, match="line 2"):
        read_pairs(tmp_path / "pairs.jsonl")


@pytest.mark.parametrize("completion", ["", "  \\n", "```python\\n```", "```\\n\\n```\\n"])
def test_an_empty_answer_is_refused_with_its_line(completion: str, tmp_path: Path) -> None:
    lines = ['{"user": "a", "completion": "b"}', "", '{"user": "a", "completion": "' + completion + '"}']
    (tmp_path / "pairs.jsonl").write_text("\n".join(lines), "utf-8")
    with pytest.raises(UsageError, match=r"line 3 of .*pairs\.jsonl: the completion is empty"):
        read_pairs(tmp_path / "pairs.jsonl")


def test_a_missing_file_is_a_usage_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be read"):
        read_pairs(tmp_path / "nothing.jsonl")
