"""Our small table of NAS-Bench-101: 30,001 measured cells with the validation accuracy of one run."""

import zipfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from archwright.cells import nasbench101
from archwright.cells.cell import Cell
from archwright.cells.tables.table import CellTable, check_columns, check_rows, damaged

FILE = "nb101_subset30k.npz"
ROWS = 30_001
COLUMNS = ("hash", "n_vertices", "n_edges", "adj_bits", "ops")
MEASURED = ("val_acc_e4", "val_acc_e12", "val_acc_e36", "val_acc_e108", "train_time_s", "params")


def read(path: Path) -> CellTable:
    """Return the cells of the file at `path`; raises DataError when it is not that table."""
    try:
        with np.load(path) as file:
            arrays = {name: file[name] for name in file.files}
    except (OSError, ValueError, EOFError, zipfile.BadZipFile) as error:
        raise damaged(path, str(error)) from None
    check_columns(path, arrays, (*COLUMNS, *MEASURED))
    check_rows(path, len(arrays["hash"]), ROWS)
    parts = (arrays[name].tolist() for name in ("n_vertices", "adj_bits", "ops"))
    cells = [_cell_of(vertices, bits, ops) for vertices, bits, ops in zip(*parts, strict=True)]
    hashes = [value.decode() for value in arrays["hash"].tolist()]
    columns = {name: arrays[name].astype(np.float64) for name in MEASURED}
    rows = {value: row for row, value in enumerate(hashes)}
    return CellTable("nasbench101", cells, columns, rows, nasbench101.canonical_hash)


def _cell_of(vertices: int, bits: int, operations: Sequence[int]) -> Cell:
    """Return a cell of the file: bit k of `bits` is edge (r, c) for c = 1..V-1, r = 0..c-1 in that nesting."""
    pairs = [(start, end) for end in range(1, vertices) for start in range(end)]
    edges = frozenset(pair for number, pair in enumerate(pairs) if bits >> number & 1)
    inner = (nasbench101.INNER[operation] for operation in operations[: vertices - 2])
    return Cell(edges, (nasbench101.INPUT, *inner, nasbench101.OUTPUT))
