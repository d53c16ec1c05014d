"""The original table of NAS-Bench-101 (Ying et al. 2019): every cell, trained three times for every budget.

There is one TFRecord per trained network: JSON of the cell's hash, the epochs, the adjacency matrix, the operations
and, in base64, a protocol buffer with three evaluations. Its two messages are few enough to be read here; neither
TensorFlow nor protobuf is needed. Of the evaluations only the final one is kept, as the published `api.py` calls it.
"""

import base64
import functools
import json
import math
import struct
from array import array
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np

from archwright.cells import nasbench101
from archwright.cells.cell import Cell
from archwright.cells.tables.table import CellTable, check_rows, damaged
from archwright.cells.tables.tfrecord import records_of

FILES = ("nasbench_only108.tfrecord", "nasbench_full.tfrecord")
"""The first has all that a search looks up, in a quarter of the records."""
EPOCHS, REPEATS = 108, 3
_FINAL = 2
"""Place of the evaluation after training; the others were made before it and halfway."""
_DOUBLE = struct.Struct("<d")


@dataclass(frozen=True, slots=True)
class _Run:
    """One trained network, as a record has it."""

    cell_hash: str
    epochs: int
    adjacency: str
    operations: str
    measured: tuple[float, float, float]
    """Validation and test accuracy, seconds of training."""
    params: int


def read(path: Path) -> CellTable:
    """Return all cells of the file at `path` with means over the repeats; 1,270,872 records take one or two minutes.

    Columns: `val_acc_e108` and the same of every other budget in the file, `test_acc_e108`, `train_time_s` for 108
    epochs, `params`. Raises DataError when the file is damaged, cut off, or not that table.
    """
    rows: dict[str, int] = {}
    cells: list[Cell] = []
    params: list[int] = []
    runs: dict[int, tuple[array[int], array[float]]] = {}
    records = 0
    try:
        for data in records_of(path):
            run = _run_of(data)
            row = rows.setdefault(run.cell_hash, len(cells))
            if row == len(cells):
                cells.append(_cell_of(run.adjacency, run.operations))
                params.append(run.params)
            trained, measured = runs.setdefault(run.epochs, (array("q"), array("d")))
            trained.append(row)
            measured.extend(run.measured)
            records += 1
    except OSError as error:
        raise damaged(path, str(error)) from None
    except (ValueError, IndexError, struct.error) as error:
        raise damaged(path, f"{error} (record {records + 1:,})") from None
    check_rows(path, len(cells), nasbench101.CELLS)
    columns = {"params": np.array(params, np.float64)}
    for epochs, (trained, measured) in sorted(runs.items()):
        rows_r = np.array(trained)
        # Fewer would also be what is left of a file that was cut between two records.
        if (np.bincount(rows_r, minlength=len(cells)) != REPEATS).any():
            raise damaged(path, f"not every cell was trained {REPEATS} times for {epochs} epochs")
        means = [np.bincount(rows_r, values_r) / REPEATS for values_r in np.array(measured).reshape(-1, 3).T]
        columns[f"val_acc_e{epochs}"] = means[0]
        if epochs == EPOCHS:
            columns |= {"test_acc_e108": means[1], "train_time_s": means[2]}
    if EPOCHS not in runs:
        raise damaged(path, f"no cell was trained for {EPOCHS} epochs")
    return CellTable("nasbench101", cells, columns, rows, nasbench101.canonical_hash)


def _run_of(data: bytes) -> _Run:
    """Return what a record says; raises ValueError, IndexError or struct.error when it is not of that form."""
    match json.loads(data):
        case [str(cell_hash), int(epochs), str(adjacency), str(operations), str(metrics)]:
            fields = list(_fields(base64.b64decode(metrics)))
        case _:
            raise ValueError("a record is not hash, epochs, adjacency, operations and metrics")
    evaluations = [value for number, value in fields if number == 1]
    params = dict(fields).get(2)
    final = dict(_fields(evaluations[_FINAL])) if len(evaluations) == 3 else {}
    match final.get(4), final.get(5), final.get(2), params:
        case float(validation), float(test), float(seconds), int(params):
            if 0 <= validation <= 1 and 0 <= test <= 1 and math.isfinite(seconds):
                return _Run(cell_hash, epochs, adjacency, operations, (validation, test, seconds), params)
    raise ValueError("a record has no final accuracies, seconds and parameters")


def _fields(message: int | float | bytes) -> Iterator[tuple[int, int | float | bytes]]:
    """Yield the number and the value of every field of a protocol buffer; raises as `_run_of` does."""
    if not isinstance(message, bytes):
        raise ValueError("a record has a number where evaluations belong")
    place = 0
    while place < len(message):
        tag, place = _varint(message, place)
        value: int | float | bytes
        match tag & 7:
            case 0:
                value, place = _varint(message, place)
            case 1:
                (value,), place = _DOUBLE.unpack_from(message, place), place + 8
            case 2:
                length, place = _varint(message, place)
                value, place = message[place : place + length], place + length
            case _:
                raise ValueError("a record has a field of another kind than numbers and messages")
        if place > len(message):
            raise ValueError("a record has a field that is cut off")
        yield tag >> 3, value


def _varint(message: bytes, place: int) -> tuple[int, int]:
    """Return the number that begins at `place`, seven bits a byte, and the place behind it."""
    value = shift = 0
    while message[place] & 0x80:
        value |= (message[place] & 0x7F) << shift
        place, shift = place + 1, shift + 7
    return value | message[place] << shift, place + 1


def _cell_of(adjacency: str, operations: str) -> Cell:
    """Return the cell; raises ValueError when it is outside the space."""
    names = _names_of(operations)
    if len(adjacency) != len(names) ** 2:
        raise ValueError(f"a matrix of {len(adjacency)} for {len(names)} operations")
    return Cell(_graph_of(adjacency), names)


# Thousands of cells share a graph or a choice of operations: each is checked once, and kept once.
@functools.cache
def _graph_of(adjacency: str) -> frozenset[tuple[int, int]]:
    if set(adjacency) - set("01"):
        raise ValueError(f"a matrix of other figures than 0 and 1: {adjacency}")
    size = math.isqrt(len(adjacency))
    edges = frozenset(divmod(place, size) for place, value in enumerate(adjacency) if value == "1")
    inner = nasbench101.INNER[:1] * (size - 2)
    nasbench101.within(Cell(edges, (nasbench101.INPUT, *inner, nasbench101.OUTPUT)))
    return edges


@functools.cache
def _names_of(operations: str) -> tuple[str, ...]:
    names = tuple(operations.split(","))
    nasbench101.within(Cell(frozenset(pairwise(range(len(names)))), names))
    return names
