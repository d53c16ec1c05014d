"""Many cells of one space as arrays."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from archwright.cells.cell import Cell
from archwright.resumable import replacing, writing

PADDING = -1
"""Index of the operation of a vertex that a smaller cell does not have."""


@dataclass(frozen=True, slots=True)
class CellArrays:
    """Many cells of one space; `operations` index the space's own, `PADDING` fills up cells with fewer vertices.

    The output of a smaller cell stands behind its other vertices, not at the end of the row.
    """

    adjacency_nvv: NDArray[np.uint8]
    """Upper triangular."""
    operations_nv: NDArray[np.int8]

    def __len__(self) -> int:
        """Return the number of cells."""
        return len(self.operations_nv)

    def __getitem__(self, rows: "slice | NDArray[np.intp] | NDArray[np.bool_]") -> "CellArrays":
        """Return some of the cells."""
        return CellArrays(self.adjacency_nvv[rows], self.operations_nv[rows])

    @classmethod
    def of(cls, cells: Sequence[Cell], operations: Sequence[str], vertices: int) -> "CellArrays":
        """Return `cells` as arrays with room for `vertices`."""
        number = {operation: index for index, operation in enumerate(operations)}
        adjacency_nvv = np.zeros((len(cells), vertices, vertices), np.uint8)
        operations_nv = np.full((len(cells), vertices), PADDING, np.int8)
        for row, cell in enumerate(cells):
            operations_nv[row, : len(cell.operations)] = [number[operation] for operation in cell.operations]
            for start, end in cell.edges:
                adjacency_nvv[row, start, end] = 1
        return cls(adjacency_nvv, operations_nv)

    def cells(self, operations: Sequence[str]) -> Iterator[Cell]:
        """Yield every cell, with its operations by name."""
        for adjacency_vv, operations_v in zip(self.adjacency_nvv, self.operations_nv, strict=True):
            edges = frozenset((int(start), int(end)) for start, end in np.argwhere(adjacency_vv))
            yield Cell(edges, tuple(operations[index] for index in operations_v if index != PADDING))

    def save(self, path: Path) -> None:
        """Write the arrays to `path` (npz), whole or not at all; raises StorageError when the disk refuses."""
        with writing(path, "free some space, or choose another file"):
            path.parent.mkdir(parents=True, exist_ok=True)
            with replacing(path) as scratch, scratch.open("wb") as file:
                np.savez_compressed(file, adjacency=self.adjacency_nvv, operations=self.operations_nv)
