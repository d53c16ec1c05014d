"""Whatever stands in a file that somebody gives us, it is read or refused with an error of ours."""

import contextlib
import gzip
import json
import struct
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from safetensors import SafetensorError
from tests.fuzz.values import ABSURD, DEEP, JSON, QUICK, TEXT

from archwright.address import without_secrets
from archwright.archive import Archive
from archwright.configuring import load_config
from archwright.corpus.wheel import ARCHITECTURES, STATISTICS, LemurWheel
from archwright.errors import ArchwrightError
from archwright.evaluation.data import load_spec
from archwright.learning.tuning import read_tuned
from archwright.llm.adapters import CARD, SETTINGS, WEIGHTS, with_adapter
from archwright.llm.pairs import read_pairs
from archwright.llm.replay import read_recording
from archwright.reading import decode_source
from archwright.trust import server_of

LINES = st.lists(JSON.map(json.dumps), max_size=3).map("\n".join).map(str.encode)


def rows(**values: st.SearchStrategy[object]) -> st.SearchStrategy[bytes]:
    """JSON with about the right keys."""
    return st.fixed_dictionaries({}, optional={name: value | JSON for name, value in values.items()}).map(
        lambda row: json.dumps(row).encode()
    )


BYTES = st.binary(max_size=100) | LINES | st.sampled_from(DEEP)


@QUICK
@given(BYTES | rows(text=TEXT, prompt_tokens=ABSURD, finish_reason=TEXT, system=TEXT, user=TEXT, completion=TEXT))
@example(b'{"text": "x", "prompt_tokens": 1e999}')
def test_recordings_and_pairs(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "file").write_bytes(content)
    for read in (read_pairs, read_recording):
        with contextlib.suppress(ArchwrightError):
            read(tmp_path / "file")


KEYS = st.sampled_from(
    ["seed", "task", "loop.cycles", "llm.extra", "llm.omit", "budget.wall_s", "novelty.against", "x.y"]
)
TOML = st.sampled_from(
    [
        "1",
        "-1",
        "inf",
        "nan",
        "1e999",
        "'x'",
        "[]",
        "{}",
        "[[[1]]]",
        "1979-05-27",
        "true",
        "[" * 3_000,
        "9" * 5_000,
        "a.b=1",
    ]
)


@QUICK
@given(st.lists(st.tuples(KEYS | TEXT, TOML | TEXT), max_size=3), st.booleans())
@example([("llm.extra", "{a=" * 500 + "1" + "}" * 500)], True)
@example([(".".join("a" * 2_000), "1")], True)
def test_configurations(tmp_path: Path, entries: list[tuple[str, str]], is_file: bool) -> None:
    settings_given = [f"{key}={value}" for key, value in entries]
    with contextlib.suppress(ArchwrightError):
        if is_file:
            (tmp_path / "preset.toml").write_text("\n".join(settings_given), "utf-8", "replace")
            load_config(str(tmp_path / "preset.toml"))
        else:
            load_config(settings=settings_given)


@QUICK
@given(
    BYTES | rows(url=TEXT | st.sampled_from(["sqlite://", "postgresql://", "x+y://h", "sqlite:///\x00"]), study=ABSURD)
)
def test_pointers(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "study.json").write_bytes(content)
    with pytest.raises(ArchwrightError):
        Archive.open(tmp_path, read_only=True)


@QUICK
@given(BYTES | rows(peft_type=st.just("LORA"), r=ABSURD, target_modules=TEXT | st.lists(TEXT)), BYTES | st.just(b""))
def test_adapters(tmp_path: Path, content: bytes, weights: bytes) -> None:
    (tmp_path / SETTINGS).write_bytes(content)
    (tmp_path / CARD).write_bytes(content)
    (tmp_path / WEIGHTS).write_bytes(struct.pack("<Q", len(weights)) + weights)
    with pytest.raises(ArchwrightError):
        read_tuned(tmp_path)
    with pytest.raises((ValueError, OSError, SafetensorError, ArchwrightError)):
        with_adapter(None, tmp_path)  # type: ignore[arg-type]  # nothing is ever put on a network


@QUICK
@given(BYTES | rows(accuracy=ABSURD, duration=ABSURD, batch=ABSURD).map(lambda row: b"[" + row + b"]"))
def test_published_statistics(tmp_path: Path, content: bytes) -> None:
    architecture = tmp_path / ARCHITECTURES / "Net.py"
    statistics = tmp_path / STATISTICS / "img-classification_mnist_acc_Net" / "1.json"
    for path, text in ((architecture, b"\xff"), (statistics, content)):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text)
    with contextlib.suppress(ArchwrightError), LemurWheel(tmp_path) as wheel:
        assert [each.name for each in wheel.architectures()] == ["Net"]
        list(wheel.trials())


NUMBERS = st.sampled_from([0, 1, 2, 8, 28, 300, 2**31, 2**32 - 1])
IDX = st.builds(
    lambda magic, shape, body: struct.pack(f">I{len(shape)}I", magic, *shape) + body,
    st.sampled_from([2049, 2051, 0, 2**32 - 1]),
    st.lists(NUMBERS, max_size=3),
    st.binary(max_size=40),
)


@QUICK
@given(IDX | st.binary(max_size=60), IDX | st.binary(max_size=60), st.booleans())
def test_headers_of_image_files(tmp_path: Path, images: bytes, labels: bytes, is_packed: bool) -> None:
    for name in tmp_path.iterdir():
        name.unlink()
    for split in ("train", "t10k"):
        for kind, content in (("images-idx3-ubyte", images), ("labels-idx1-ubyte", labels)):
            name = tmp_path / f"{split}-{kind}{'.gz' if is_packed else ''}"
            name.write_bytes(gzip.compress(content) if is_packed else content)
    with contextlib.suppress(ArchwrightError):
        load_spec(str(tmp_path))


@QUICK
@given(TEXT, st.binary(max_size=60))
@example("openai:http://[", b"# coding: \xff")
@example("http://h:99999999999", b"# coding: zlib")
def test_addresses_and_sources(address: str, source: bytes) -> None:
    server_of(address)
    assert without_secrets(without_secrets(address)) == without_secrets(address)
    decode_source(source)
