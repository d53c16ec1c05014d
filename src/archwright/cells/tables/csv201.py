"""Our small table of NAS-Bench-201: means over the published training seeds, in per cent."""

import csv
import gzip
from pathlib import Path

import numpy as np

from archwright.cells import nasbench201
from archwright.cells.tables.table import CellTable, check_columns, check_rows, damaged

FILE = "nb201.csv.gz"
MEASURED = tuple(
    f"{task}_{split}{epochs}" for task in ("c10", "c100", "in16") for epochs in (200, 12) for split in ("val", "test")
)


def read(path: Path) -> CellTable:
    """Return the cells of the file at `path`; raises DataError when it is not that table."""
    try:
        with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
    except (OSError, EOFError, UnicodeDecodeError, csv.Error) as error:
        raise damaged(path, str(error)) from None
    check_columns(path, rows[0] if rows else {}, ("arch", "params_c10", *MEASURED))
    check_rows(path, len({row["arch"] for row in rows}), nasbench201.CELLS)
    try:
        cells = [nasbench201.parse(row["arch"]) for row in rows]
        columns = {name: np.array([float(row[name]) for row in rows]) / 100 for name in MEASURED}
        columns["params"] = np.array([float(row["params_c10"]) for row in rows])
    except ValueError as error:
        raise damaged(path, str(error)) from None
    numbers = {row["arch"]: number for number, row in enumerate(rows)}
    return CellTable("nasbench201", cells, columns, numbers, nasbench201.write)
