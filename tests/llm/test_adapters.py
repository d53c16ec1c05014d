import gzip
import json
import os
from pathlib import Path

import pytest

from archwright.llm.adapters import SHIPPED, TAUGHT, read_taught, write_taught

RESULTS = Path(__file__).parents[2] / "docs" / "results"
ZIPPED_NUMBER = gzip.compress(b"1\n")


def test_what_an_adapter_was_taught_is_read_back_each_answer_once(tmp_path):
    write_taught(tmp_path, ["a", "b\n", "a"])
    first = (tmp_path / TAUGHT).read_bytes()
    write_taught(tmp_path, ["a", "b\n", "a"])
    assert read_taught(tmp_path) == ["a", "b\n"]
    assert (tmp_path / TAUGHT).read_bytes() == first


def test_an_adapter_that_does_not_say_what_it_was_taught_has_none(tmp_path):
    assert read_taught(tmp_path) is None


def test_the_shipped_adapter_was_taught_seed_networks_their_mutations_and_three_lessons_of_programs():
    taught = read_taught(SHIPPED / "smollm2-135m")
    lessons = [answers(RESULTS / f"adapter_pairs_{name}.jsonl") for name in ("varied", "kinds", "own")]
    given = {*lessons[0][:250], *lessons[1], *lessons[2]} - set(taught[:155])
    assert set(taught[155:]) < given
    assert len(given - set(taught)) == 8  # longer than a pair may be: left out whole


def test_the_adapter_for_edits_goes_on_from_the_one_before_and_was_taught_diffs_of_seed_networks():
    whole, edits = (read_taught(SHIPPED / name) for name in ("smollm2-135m", "smollm2-135m-edits"))
    before = whole[:155] + answers(RESULTS / "adapter_pairs.jsonl")
    assert edits[: len(before)] == before
    assert all(answer.startswith("```diff\n@@\n") for answer in edits[len(before) :])
    assert sum(file.stat().st_size for file in SHIPPED.rglob("*") if file.is_file()) < 40e6


def answers(pairs: Path) -> list[str]:
    return [json.loads(line)["completion"] for line in pairs.read_text("utf-8").splitlines()]


@pytest.mark.parametrize(
    "content",
    [b"no gzip", ZIPPED_NUMBER, ZIPPED_NUMBER[:-9]],
    ids=["no gzip", "a number", "cut off"],
)
def test_a_damaged_list_is_named(tmp_path, content):
    (tmp_path / TAUGHT).write_bytes(content)
    with pytest.raises(ValueError, match=TAUGHT):
        read_taught(tmp_path)


def test_a_list_that_unpacks_to_more_than_anybody_taught_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("archwright.llm.adapters.LARGEST_TAUGHT", 100)
    (tmp_path / TAUGHT).write_bytes(gzip.compress(json.dumps("x" * 200).encode()))
    with pytest.raises(ValueError, match=TAUGHT):
        read_taught(tmp_path)


def test_a_list_that_is_a_pipe_keeps_nobody_waiting(tmp_path, monkeypatch):
    monkeypatch.setattr("archwright.reading.PATIENCE_S", 0.1)
    os.mkfifo(tmp_path / TAUGHT)
    with pytest.raises(ValueError, match=TAUGHT):
        read_taught(tmp_path)
