"""The original table of NAS-Bench-101, written here as it was published: TFRecords of JSON of protocol buffers."""

import base64
import json
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest

from archwright.cells import nasbench101
from archwright.cells.cell import Cell
from archwright.cells.search.oracle import load_oracle
from archwright.cells.tables import CellTable, tfrecord101
from archwright.errors import DataError

CELLS = (
    Cell(frozenset({(0, 1)}), ("input", "output")),
    Cell(frozenset({(0, 1), (1, 2)}), ("input", "maxpool3x3", "output")),
    Cell(frozenset({(0, 1), (0, 2), (1, 2), (2, 3)}), ("input", "conv3x3-bn-relu", "conv1x1-bn-relu", "output")),
)


@dataclass(frozen=True)
class Run:
    """One trained network of the file."""

    cell: Cell
    epochs: int
    validation: float
    test: float
    seconds: float = 1000.5
    params: int = 2_793_866


RUNS = [
    Run(cell, 108, 0.9 + 0.01 * row + 0.001 * repeat, 0.89 + 0.01 * row)
    for repeat in range(3)
    for row, cell in enumerate(CELLS)
]


def crc32c(data: bytes) -> int:
    """Return the checksum bit by bit, as it is defined."""
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF


def masked(data: bytes) -> bytes:
    crc = crc32c(data)
    return struct.pack("<I", ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF)


def framed(data: bytes) -> bytes:
    length = struct.pack("<Q", len(data))
    return length + masked(length) + data + masked(data)


def varint(number: int) -> bytes:
    return bytes([number & 0x7F | 0x80]) + varint(number >> 7) if number > 0x7F else bytes([number])


def evaluation(numbers: Mapping[int, float]) -> bytes:
    content = b"".join(bytes([number << 3 | 1]) + struct.pack("<d", value) for number, value in numbers.items())
    return b"\x0a" + varint(len(content)) + content


def metrics(run: Run) -> bytes:
    start, half = {1: 0.0, 2: 0.0, 3: 0.1, 4: 0.1, 5: 0.1}, {1: run.epochs / 2, 2: 500.0, 3: 0.8, 4: 0.7, 5: 0.6}
    final = {1: float(run.epochs), 2: run.seconds, 3: 1.0, 4: run.validation, 5: run.test}
    evaluations = b"".join(map(evaluation, (start, half, final)))
    return evaluations + b"\x10" + varint(run.params) + b"\x19" + struct.pack("<d", 1234.5)


def record(run: Run, buffer: bytes | None = None) -> bytes:
    size = range(len(run.cell.operations))
    adjacency = "".join(str(int((start, end) in run.cell.edges)) for start in size for end in size)
    raw = base64.b64encode(metrics(run) if buffer is None else buffer).decode()
    name = nasbench101.canonical_hash(run.cell)
    return json.dumps([name, run.epochs, adjacency, ",".join(run.cell.operations), raw]).encode()


def write(path: Path, runs: Sequence[Run]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"".join(framed(record(run)) for run in runs))
    return path


@pytest.fixture(autouse=True)
def three_cells(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nasbench101, "CELLS", len(CELLS))


def test_the_checksum_of_the_writer_is_the_standard_one() -> None:
    assert crc32c(b"123456789") == 0xE3069283


def test_every_cell_has_the_means_of_its_final_evaluations(tmp_path: Path) -> None:
    table = tfrecord101.read(write(tmp_path / "some.tfrecord", RUNS))
    assert tuple(table.cells) == CELLS
    assert [table.row_of(cell) for cell in CELLS] == [0, 1, 2]
    np.testing.assert_allclose(table.columns["val_acc_e108"], [0.901, 0.911, 0.921], rtol=1e-12)
    np.testing.assert_allclose(table.columns["test_acc_e108"], [0.89, 0.9, 0.91], rtol=1e-12)
    assert table.columns["train_time_s"].tolist() == [1000.5] * 3
    assert table.columns["params"].tolist() == [2_793_866] * 3
    assert table.columns.keys() == {"val_acc_e108", "test_acc_e108", "train_time_s", "params"}


def test_the_full_file_has_the_other_budgets_too(tmp_path: Path) -> None:
    short = [replace(run, epochs=4, validation=0.5, seconds=1.0) for run in RUNS]
    table = tfrecord101.read(write(tmp_path / "nasbench_full.tfrecord", [*short, *RUNS]))
    assert table.columns["val_acc_e4"].tolist() == [0.5] * 3
    assert table.columns["train_time_s"].tolist() == [1000.5] * 3
    with pytest.raises(DataError, match="no cell was trained for 108 epochs"):
        tfrecord101.read(write(tmp_path / "nasbench_full.tfrecord", short))


def test_cells_of_our_own_table_come_back(tmp_path: Path, table101: CellTable, monkeypatch: pytest.MonkeyPatch) -> None:
    chosen = range(0, len(table101.cells), 1_000)
    names = ("val_acc_e108", "train_time_s", "params")
    runs = []
    for row in chosen:
        validation, seconds, params = (float(table101.columns[name][row]) for name in names)
        runs += [Run(table101.cells[row], 108, validation, validation - 0.01, seconds, int(params))] * 3
    monkeypatch.setattr(nasbench101, "CELLS", len(chosen))
    table = tfrecord101.read(write(tmp_path / "some.tfrecord", runs))
    for row in chosen:
        found = table.row_of(table101.cells[row])
        assert found is not None
        assert table.cells[found] == table101.cells[row]
        assert [table.columns[name][found] for name in names] == pytest.approx(
            [table101.columns[name][row] for name in names], rel=1e-12
        )


def test_a_search_over_it_is_over_all_cells_and_has_test_accuracies(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ARCHWRIGHT_DATA", str(tmp_path))
    write(tmp_path / "nas" / tfrecord101.FILES[0], RUNS)
    (tmp_path / "nas" / "nb101_subset30k.npz").write_text("not read")
    oracle = load_oracle("nasbench101", "c10")
    assert oracle.pool == "all 3 cells of NAS-Bench-101"
    assert oracle.best == CELLS[2]
    assert oracle.test(oracle.best) == pytest.approx(0.91)


def test_a_file_that_is_cut_off_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "some.tfrecord", RUNS)
    whole = path.read_bytes()
    for size in (5, 100, len(whole) - 1):
        path.write_bytes(whole[:size])
        with pytest.raises(DataError, match="is not the benchmark's table: it is cut off"):
            tfrecord101.read(path)
    with pytest.raises(DataError, match="not every cell was trained 3 times for 108 epochs"):
        tfrecord101.read(write(path, RUNS[:-1]))


def test_a_changed_byte_is_noticed(tmp_path: Path) -> None:
    path = write(tmp_path / "some.tfrecord", RUNS)
    whole = path.read_bytes()
    for place, problem in ((1, "the length of a record"), (9, "the length of a record"), (200, "a record")):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        with pytest.raises(DataError, match=rf"{problem} is damaged \(record 1\)"):
            tfrecord101.read(path)


def test_another_number_of_cells_is_refused(tmp_path: Path) -> None:
    fewer = [run for run in RUNS if run.cell != CELLS[0]]
    with pytest.raises(DataError, match="2 cells, not 3"):
        tfrecord101.read(write(tmp_path / "some.tfrecord", fewer))
    with pytest.raises(DataError, match="0 cells, not 3"):
        tfrecord101.read(write(tmp_path / "some.tfrecord", []))


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"not JSON", "Expecting value"),
        (b'{"hash": 1}', "not hash, epochs, adjacency, operations and metrics"),
        (b'["0", 108, "01", "input,output", ""]', "no final accuracies, seconds and parameters"),
        (record(RUNS[0], metrics(RUNS[0])[:-4]), "unpack_from requires"),
        (record(RUNS[0], b"\x0a\x7f"), "cut off"),
        (record(RUNS[0], b"\x08\x01" * 3), "a number where evaluations belong"),
        (record(RUNS[0], b"\x0d"), "another kind than numbers and messages"),
        (record(replace(RUNS[0], validation=90.1)), "no final accuracies"),
        (record(replace(RUNS[0], test=float("nan"))), "no final accuracies"),
        (record(RUNS[0]).replace(b'"0100"', b'"0200"'), "other figures than 0 and 1"),
        (record(RUNS[0]).replace(b'"0100"', b'"0000"'), "no path leads from the input"),
        (record(RUNS[0]).replace(b'"0100"', b'"0010"'), "no edge 1 -> 0"),
        (record(RUNS[0]).replace(b'"0100"', b'"010000000"'), "a matrix of 9 for 2 operations"),
        (record(RUNS[1]).replace(b"maxpool3x3", b"maxpool5x5"), "no such operation: maxpool5x5"),
    ],
)
def test_a_record_of_another_form_is_refused(tmp_path: Path, data: bytes, problem: str) -> None:
    path = tmp_path / "some.tfrecord"
    path.write_bytes(framed(data))
    with pytest.raises(DataError, match=rf"{problem}.*record 1"):
        tfrecord101.read(path)
