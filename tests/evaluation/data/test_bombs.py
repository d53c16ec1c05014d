"""Small files that ask for far more memory or time than they are large, or that a library would execute."""

import io
import json
import os
import pickle
import struct
import subprocess
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import EpsImagePlugin, Image

from archwright.errors import DataError
from archwright.evaluation.data import load_spec

LABELS = pickle.dumps({"label_names": ["a", "b"]}, 2)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder for a data set, which the cache is not in."""
    place = tmp_path / "set"
    place.mkdir()
    return place


def png(level: int = 0) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (8, 8), (level, 0, 0)).save(file, "PNG")
    return file.getvalue()


def images(folder: Path, classes: tuple[bytes, ...] = (b"cat", b"dog")) -> None:
    for name in classes:
        place = os.path.join(os.fsencode(folder), name)  # noqa: PTH118 - pathlib takes no bytes
        os.makedirs(place)  # noqa: PTH103
        for number in range(10):
            Path(os.fsdecode(place), f"{number}.png").write_bytes(png(number))


def shards(folder: Path) -> None:
    (folder / "train-00000-of-99999999999.parquet").write_bytes(b"PAR1")


def batches(folder: Path) -> None:
    for name in ("data_batch_1", "data_batch_99999999999", "batches.meta"):
        (folder / name).write_bytes(b"x")


def table(folder: Path) -> None:
    images(folder)
    with (folder / "labels.csv").open("wb") as file:
        file.truncate(60 * 2**30)


def line(folder: Path) -> None:
    images(folder, (b"all",))
    (folder / "labels.csv").write_text("file,label\nall/1.png," + "a" * 17_000_000)


def keys(folder: Path) -> None:
    rows = ({f"k{number}": 1, "file": f"all/{number % 10}.png", "label": number % 2} for number in range(20_000))
    images(folder, (b"all",))
    (folder / "labels.jsonl").write_text("\n".join(map(json.dumps, rows)))


def columns(folder: Path) -> None:
    images(folder, (b"all",))
    heading = ",".join(["file", *(f"c{number}" for number in range(20_000))])
    (folder / "labels.csv").write_text("\n".join([heading, *(f"all/{number % 10}.png,1" for number in range(20_000))]))


def arrays(folder: Path) -> None:
    empty = np.broadcast_to(np.uint8(0), (20, 1, 2**13, 2**13))
    np.savez_compressed(folder / "set.npz", x_train=empty[:17], y_train=np.arange(17) % 2)


def label(folder: Path) -> None:
    np.savez(folder / "set.npz", x_train=np.zeros((20, 8, 8), np.uint8), y_train=np.array(3))


def rows(folder: Path) -> None:
    count = 2_000_000
    columns = {"image": pa.nulls(count, pa.binary()), "label": np.zeros(count, np.int8)}
    pq.write_table(pa.table(columns), folder / "train.parquet", compression="zstd")


def metadata(folder: Path) -> None:
    made = pa.table({"image": [png(0), png(1)]}).replace_schema_metadata({b"huggingface": b"[" * 100_000})
    pq.write_table(made, folder / "train.parquet")


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (shards, "lacks 99999999998 of 99999999999 shards"),
        (batches, "lacks data_batch_2"),
        (keys, "hardly one in common"),
        (columns, "no column of classes"),
        (arrays, "unpacks to far more"),
        (label, "labels of shape"),
        (rows, "far more than a file of its size"),
        (metadata, "has no label column"),
        (line, "a line of it has more than"),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_what_asks_for_far_more_than_its_size_is_refused(folder: Path, make: Callable[[Path], None], said: str) -> None:
    make(folder)
    with pytest.raises(DataError) as caught:
        load_spec(str(folder))
    assert said in f"{caught.value.what} {caught.value.remedy}"


def test_a_table_of_holes_is_not_read(folder: Path) -> None:
    table(folder)
    assert load_spec(str(folder)).class_names == ("cat", "dog")


def container_twice(opening: bytes, again: bytes) -> bytes:
    """Return a pickle of containers within containers, each twice: short to write, endless to hash or print."""
    inside = b"".join(b"h" + bytes([number]) + again + b"q" + bytes([number + 1]) for number in range(60))
    return b"\x80\x02}" + opening + inside + b"K\x01s."


@pytest.mark.parametrize(
    "batch",
    [
        b"\x80\x02}r" + struct.pack("<I", 2**30) + b".",
        b"\x80\x05\x96" + struct.pack("<Q", 2**46) + b".",
        b"\x80\x02cnumpy\nndarray\n(\x8a\x08" + struct.pack("<q", 2**45) + b"\x85tR.",
        pickle.dumps({"data": np.zeros((2, 3072), np.uint8), "labels": [0, 10**30]}, 2),
        container_twice(b"Nq\x00", b"\x86"),
        b"\x80\x02}N" + b"2\x86" * 60 + b"K\x01s.",
    ],
    ids=["memo", "bytes", "array", "label", "tuples by name", "tuples on the stack"],
)
def test_a_pickle_that_asks_for_what_no_batch_holds_is_refused(folder: Path, batch: bytes) -> None:
    for name, content in {"data_batch_1": batch, "test_batch": batch, "batches.meta": LABELS}.items():
        (folder / name).write_bytes(content)
    with pytest.raises(DataError, match="data_batch_1"):
        load_spec(str(folder))


def test_no_program_is_run_to_read_an_image(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(EpsImagePlugin, "gs_binary", "gs")
    monkeypatch.setattr(subprocess, "check_call", lambda *words, **_: pytest.fail(f"{words} was run"))
    images(folder)
    (folder / "cat" / "1.png").write_bytes(b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 8 8\n%%EndComments\n%%EOF\n")
    with pytest.raises(DataError, match="no image"):
        load_spec(str(folder))


def test_classes_whose_names_are_no_text_are_read(folder: Path) -> None:
    images(folder, (b"c\xff", b"-rf"))
    for _ in range(2):  # The second time from the cache.
        assert load_spec(str(folder)).class_names == ("-rf", "c\ufffd")
