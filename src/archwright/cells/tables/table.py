"""The noun: one row of measurements per cell, looked up by the cell's canonical form; and how a file is refused."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from archwright.cells.cell import Cell
from archwright.errors import DataError


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


def check_columns(path: Path, found: Mapping[str, object], expected: Sequence[str]) -> None:
    """Raise DataError when the file at `path` lacks one of the `expected` columns."""
    if missing := [name for name in expected if name not in found]:
        raise damaged(path, f"it has no column {', '.join(missing)}")


def check_rows(path: Path, found: int, expected: int) -> None:
    """Raise DataError when the file at `path` has another number of cells than expected."""
    if found != expected:
        raise damaged(path, f"it has {found:,} cells, not {expected:,}")


def damaged(path: Path, reason: str) -> DataError:
    """Return the error for a file that is not what its name says."""
    return DataError(f"{path} is not the benchmark's table: {reason}", "fetch it again")
