"""What the benchmarks measured: one row per cell, looked up by the cell's canonical form.

NAS-Bench-101's table here is a subset of 30,001 measured cells (7.1 %), validation accuracy only: a search over it is
over a closed pool, and has to say so.
"""

import csv
import gzip
import os
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from archwright.cache import cache_root
from archwright.cells import nasbench101, nasbench201
from archwright.cells.cell import Cell
from archwright.errors import DataError

FILE_101, FILE_201 = "nb101_subset30k.npz", "nb201.csv.gz"
ROWS_101, ROWS_201 = 30_001, nasbench201.CELLS
COLUMNS_101 = ("hash", "n_vertices", "n_edges", "adj_bits", "ops")
MEASURED_101 = ("val_acc_e4", "val_acc_e12", "val_acc_e36", "val_acc_e108", "train_time_s", "params")
MEASURED_201 = tuple(
    f"{task}_{split}{epochs}" for task in ("c10", "c100", "in16") for epochs in (200, 12) for split in ("val", "test")
)


@dataclass(frozen=True, slots=True)
class CellTable:
    """The measured cells of one space."""

    space: str
    cells: Sequence[Cell]
    columns: Mapping[str, NDArray[np.float64]]
    """Measured values by name, (N,) each; accuracies in [0, 1], seconds, parameters."""
    _rows: Mapping[str, int]
    _key: Callable[[Cell], str]

    def row_of(self, cell: Cell) -> int | None:
        """Return the row of `cell`, None when it was not measured or is outside the space."""
        try:
            return self._rows.get(self._key(cell))
        except ValueError:
            return None


def load_nasbench101(path: Path | None = None) -> CellTable:
    """Return NAS-Bench-101's measured subset from `path`, or from where data sets are kept.

    Raises DataError when the file is missing or is not that table.
    """
    path = _found(path, FILE_101)
    try:
        with np.load(path) as file:
            arrays = {name: file[name] for name in file.files}
    except (OSError, ValueError, EOFError, zipfile.BadZipFile) as error:
        raise _damaged(path, str(error)) from None
    _check_columns(path, arrays, (*COLUMNS_101, *MEASURED_101))
    _check_rows(path, len(arrays["hash"]), ROWS_101)
    parts = (arrays[name].tolist() for name in ("n_vertices", "adj_bits", "ops"))
    cells = [_cell_of(vertices, bits, ops) for vertices, bits, ops in zip(*parts, strict=True)]
    hashes = [value.decode() for value in arrays["hash"].tolist()]
    columns = {name: arrays[name].astype(np.float64) for name in MEASURED_101}
    rows = {value: row for row, value in enumerate(hashes)}
    return CellTable("nasbench101", cells, columns, rows, nasbench101.canonical_hash)


def load_nasbench201(path: Path | None = None) -> CellTable:
    """Return NAS-Bench-201's table from `path`, or from where data sets are kept.

    Raises DataError when the file is missing or is not that table.
    """
    path = _found(path, FILE_201)
    try:
        with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
    except (OSError, EOFError, UnicodeDecodeError, csv.Error) as error:
        raise _damaged(path, str(error)) from None
    _check_columns(path, rows[0] if rows else {}, ("arch", "params_c10", *MEASURED_201))
    _check_rows(path, len({row["arch"] for row in rows}), ROWS_201)
    try:
        cells = [nasbench201.parse(row["arch"]) for row in rows]
        columns = {name: np.array([float(row[name]) for row in rows]) / 100 for name in MEASURED_201}
        columns["params"] = np.array([float(row["params_c10"]) for row in rows])
    except ValueError as error:
        raise _damaged(path, str(error)) from None
    numbers = {row["arch"]: number for number, row in enumerate(rows)}
    return CellTable("nasbench201", cells, columns, numbers, nasbench201.write)


def _cell_of(vertices: int, bits: int, operations: Sequence[int]) -> Cell:
    """Return a cell of the file: bit k of `bits` is edge (r, c) for c = 1..V-1, r = 0..c-1 in that nesting."""
    pairs = [(start, end) for end in range(1, vertices) for start in range(end)]
    edges = frozenset(pair for number, pair in enumerate(pairs) if bits >> number & 1)
    inner = (nasbench101.INNER[operation] for operation in operations[: vertices - 2])
    return Cell(edges, (nasbench101.INPUT, *inner, nasbench101.OUTPUT))


def _found(path: Path | None, name: str) -> Path:
    roots = [Path(os.environ["ARCHWRIGHT_DATA"]).expanduser()] if os.environ.get("ARCHWRIGHT_DATA") else []
    places = [path] if path is not None else [root / "nas" / name for root in (*roots, cache_root() / "data")]
    for place in places:
        if place.is_file():
            return place
    listed = " or ".join(map(str, places))
    raise DataError(f"the benchmark's table is not there: {listed}", f"put {name} there, or set ARCHWRIGHT_DATA")


def _check_columns(path: Path, found: Mapping[str, object], expected: Sequence[str]) -> None:
    if missing := [name for name in expected if name not in found]:
        raise _damaged(path, f"it has no column {', '.join(missing)}")


def _check_rows(path: Path, found: int, expected: int) -> None:
    if found != expected:
        raise _damaged(path, f"it has {found:,} cells, not {expected:,}")


def _damaged(path: Path, reason: str) -> DataError:
    return DataError(f"{path} is not the benchmark's table: {reason}", "fetch it again")
