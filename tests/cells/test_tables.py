"""The tables where they are at hand, and files that are not those tables."""

import gzip
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from archwright.cells import nasbench101
from archwright.cells.cell import Cell
from archwright.cells.tables import CellTable, csv201, load_nasbench101, load_nasbench201, subset101
from archwright.errors import DataError


def test_101_has_the_measured_subset(table101: CellTable) -> None:
    assert len(table101.cells) == 30_001
    assert all(nasbench101.check(cell) is None for cell in table101.cells[::500])
    accuracies = table101.columns["val_acc_e108"]
    assert 0.94 < accuracies.max() < 0.9506
    assert table101.row_of(Cell(frozenset(), ("input", "output"))) is None


def test_201_has_the_published_maxima(table201: CellTable) -> None:
    best = {name: round(100 * values.max(), 2) for name, values in table201.columns.items()}
    assert (best["c10_val200"], best["c100_val200"], best["in16_val200"]) == (91.61, 73.49, 46.73)
    assert (best["c10_test200"], best["c100_test200"], best["in16_test200"]) == (94.37, 73.51, 47.31)


@pytest.mark.parametrize(
    ("load", "names"),
    [
        (load_nasbench101, "nasbench_only108.tfrecord, nasbench_full.tfrecord or nb101_subset30k.npz"),
        (load_nasbench201, "nb201.csv.gz or NATS-tss-v1_0-3ffb9-simple"),
    ],
)
def test_a_missing_table_says_what_belongs_where(
    load: Callable[[], CellTable], names: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ARCHWRIGHT_DATA", str(tmp_path))
    monkeypatch.setenv("ARCHWRIGHT_CACHE", str(tmp_path / "cache"))
    with pytest.raises(DataError) as caught:
        load()
    folders = f"{tmp_path / 'nas'} or {tmp_path / 'cache' / 'data' / 'nas'}"
    assert caught.value.what == f"the benchmark's table is not there: {folders}"
    assert caught.value.remedy == f"put {names} there, or set ARCHWRIGHT_DATA"


def test_the_first_root_with_a_table_is_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ARCHWRIGHT_DATA", str(tmp_path))
    monkeypatch.setenv("ARCHWRIGHT_CACHE", str(tmp_path / "cache"))
    original = tmp_path / "cache" / "data" / "nas" / "nasbench_full.tfrecord"
    original.parent.mkdir(parents=True)
    original.write_bytes(b"")
    with pytest.raises(DataError, match="nasbench_full.tfrecord is not"):
        load_nasbench101()
    (tmp_path / "nas").mkdir()
    (tmp_path / "nas" / "nb101_subset30k.npz").write_bytes(b"")
    with pytest.raises(DataError, match="nb101_subset30k.npz is not"):
        load_nasbench101()


@pytest.mark.parametrize(
    ("text", "problem"),
    [  # Test ids are made of these bytes, and pytest's workers must agree on them: no time of compression.
        (b"not gzip", "Not a gzipped file"),
        (gzip.compress(b"arch,accuracy\n|x|,1\n", mtime=0), "no column params_c10"),
        (gzip.compress(b"", mtime=0), "no column arch"),
    ],
)
def test_another_file_is_not_the_table_of_201(tmp_path: Path, text: bytes, problem: str) -> None:
    (tmp_path / "table").write_bytes(text)
    with pytest.raises(DataError, match=problem):
        csv201.read(tmp_path / "table")


def test_a_shorter_table_is_refused(tmp_path: Path) -> None:
    names = ("hash", "n_vertices", "n_edges", "adj_bits", "ops", "train_time_s", "params")
    columns = {name: np.zeros(2) for name in (*names, *(f"val_acc_e{epochs}" for epochs in (4, 12, 36, 108)))}
    np.savez(tmp_path / "table.npz", **columns)
    with pytest.raises(DataError, match="2 cells, not 30,001"):
        subset101.read(tmp_path / "table.npz")
    (tmp_path / "table.npz").write_text("nothing")
    with pytest.raises(DataError, match="is not the benchmark's table"):
        subset101.read(tmp_path / "table.npz")
