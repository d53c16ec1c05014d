"""NAS-Bench-201's space (Dong and Yang 2020): four nodes, one of five operations on each of the six edges between them.

As a `Cell` every operation is a vertex, between the input and the output: 8 vertices, whose edges never change.
"""

import random
import re
from itertools import product

import numpy as np

from archwright.cells.arrays import CellArrays
from archwright.cells.cell import Cell

INPUT, OUTPUT = "input", "output"
INNER = ("none", "skip_connect", "nor_conv_1x1", "nor_conv_3x3", "avg_pool_3x3")
"""In the published order."""
OPERATIONS = (INPUT, *INNER, OUTPUT)
VERTICES = 8
SLOTS = ((0, 1), (0, 2), (1, 2), (0, 3), (1, 3), (2, 3))
"""The node that each operation reads and the one it is added to, in the order of the published strings."""
EDGES = frozenset({(0, 1), (0, 2), (0, 4), (1, 3), (1, 5), (2, 6), (3, 6), (4, 7), (5, 7), (6, 7)})
"""Of the cell: operation j reads operation i when i is added to the node that j reads."""
CELLS = len(INNER) ** len(SLOTS)
_STRING = re.compile(r"\|(\w+)~0\|\+\|(\w+)~0\|(\w+)~1\|\+\|(\w+)~0\|(\w+)~1\|(\w+)~2\|")


def check(cell: Cell) -> str | None:
    """Return what is wrong with `cell`, None when it is in the space."""
    if len(cell.operations) != VERTICES or cell.operations[0] != INPUT or cell.operations[-1] != OUTPUT:
        return f"a cell has {VERTICES} vertices, the input first and the output last"
    if unknown := sorted(set(cell.operations[1:-1]) - set(INNER)):
        return f"no such operation: {', '.join(unknown)}; use {', '.join(INNER)}"
    if cell.edges != EDGES:
        return "its edges are not the space's"
    return None


def within(cell: Cell) -> Cell:
    """Return `cell`; raises ValueError for one outside the space."""
    if problem := check(cell):
        raise ValueError(problem)
    return cell


def cell_of(operations: tuple[str, ...]) -> Cell:
    """Return the cell with these six operations, in the order of `SLOTS`; raises ValueError when one is unknown."""
    return within(Cell(EDGES, (INPUT, *operations, OUTPUT)))


def parse(text: str) -> Cell:
    """Return the cell a published string stands for: `|op~0|+|op~0|op~1|+|op~0|op~1|op~2|`; raises ValueError."""
    match = _STRING.fullmatch(text)
    if match is None:
        raise ValueError(f"'{text}' is not of the form |op~0|+|op~0|op~1|+|op~0|op~1|op~2|")
    return cell_of(match.groups())


def write(cell: Cell) -> str:
    """Return the published string of `cell`; raises ValueError for one outside the space."""
    nodes: dict[int, list[str]] = {}
    for (source, target), operation in zip(SLOTS, within(cell).operations[1:-1], strict=True):
        nodes.setdefault(target, []).append(f"{operation}~{source}")
    return "+".join(f"|{'|'.join(operations)}|" for operations in nodes.values())


def neighbours(cell: Cell) -> list[Cell]:
    """Return the 24 cells with one other operation; raises ValueError for a cell outside the space."""
    inner = within(cell).operations[1:-1]
    return [
        cell_of((*inner[:slot], operation, *inner[slot + 1 :]))
        for slot in range(len(SLOTS))
        for operation in INNER
        if operation != inner[slot]
    ]


def mutate(cell: Cell, rng: random.Random) -> Cell:
    """Return `cell` with one operation exchanged for another, all evenly (Dong and Yang 2020); ValueError outside."""
    return rng.choice(neighbours(cell))


def enumerate_cells() -> CellArrays:
    """Return all 15,625 cells, the first operation varying slowest."""
    inner_nv = np.array(list(product(range(1, 1 + len(INNER)), repeat=len(SLOTS))), np.int8)
    ends = [np.full((CELLS, 1), OPERATIONS.index(name), np.int8) for name in (INPUT, OUTPUT)]
    adjacency_vv = np.zeros((VERTICES, VERTICES), np.uint8)
    for edge in EDGES:
        adjacency_vv[edge] = 1
    adjacency_nvv = np.repeat(adjacency_vv[None], CELLS, 0)
    return CellArrays(adjacency_nvv, np.concatenate([ends[0], inner_nv, ends[1]], 1))
