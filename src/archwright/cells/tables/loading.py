"""Finds a benchmark's table where data sets are kept and reads it.

NAS-Bench-101's original comes before the small file, a subset of 30,001 measured cells (7.1 %) with validation accuracy
only: a search over that is over a closed pool, and has to say so. NAS-Bench-201's small file comes before the original,
which takes minutes to read and says the same.
"""

from collections.abc import Sequence
from pathlib import Path

from archwright.cells.tables import csv201, nats201, subset101, tfrecord101
from archwright.cells.tables.table import CellTable
from archwright.errors import DataError
from archwright.evaluation.data.storage import data_roots


def load_nasbench101() -> CellTable:
    """Return NAS-Bench-101's table from where data sets are kept: all of it, or the measured subset.

    Raises DataError when there is none or the file is not that table.
    """
    path = _found((*tfrecord101.FILES, subset101.FILE))
    return tfrecord101.read(path) if path.suffix == ".tfrecord" else subset101.read(path)


def load_nasbench201() -> CellTable:
    """Return NAS-Bench-201's table from where data sets are kept.

    Raises DataError when there is none or the file is not that table.
    """
    path = _found((csv201.FILE, nats201.FOLDER))
    return nats201.read(path) if path.is_dir() else csv201.read(path)


def _found(names: Sequence[str]) -> Path:
    """Return the first of `names` in the first root that has one; raises DataError when none is there."""
    folders = [root / "nas" for root, _ in data_roots()]
    for place in (folder / name for folder in folders for name in names):
        if place.exists():
            return place
    listed, wanted = " or ".join(map(str, folders)), f"{', '.join(names[:-1])} or {names[-1]}"
    raise DataError(f"the benchmark's table is not there: {listed}", f"put {wanted} there, or set ARCHWRIGHT_DATA")
