"""What a search needs of a space: when two cells are one, what is near a cell, and numbers that describe it."""

from collections import Counter
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from functools import partial
from random import Random

import numpy as np
from numpy.typing import NDArray

from archwright.cells import nasbench101, nasbench201
from archwright.cells.cell import Cell


@dataclass(frozen=True, slots=True)
class SearchSpace:
    """One space, as the strategies see it. Its functions raise ValueError for a cell outside the space."""

    name: str
    operations: Sequence[str]
    vertices: int
    key: Callable[[Cell], str]
    """The same for cells that are measured as one: isomorphic ones in NAS-Bench-101, only equal ones in 201."""
    neighbours: Callable[[Cell], list[Cell]]
    mutate: Callable[[Cell, Random], Cell]
    encode: Callable[[Sequence[Cell]], NDArray[np.float32]]
    """One row of features per cell; the columns depend on the cells."""
    population: int
    """Of regularised evolution, as published with the benchmark."""
    tournament: int


ROUTES_201 = ((4,), (1, 5), (2, 6), (1, 3, 6))
"""The vertices between input and output on each way through a cell of NAS-Bench-201."""


def describe201(cell: Cell) -> Counter[Hashable]:
    """Return for a cell of NAS-Bench-201 which operation stands where and which paths lead through it.

    A path is the sequence of operations from input to output (White et al. 2021, BANANAS), without its skips; one with
    a `none` leads nowhere.
    """
    found: Counter[Hashable] = Counter(enumerate(cell.operations[1:-1]))
    for route in ROUTES_201:
        operations = [cell.operations[vertex] for vertex in route]
        if "none" not in operations:
            found[tuple(operation for operation in operations if operation != "skip_connect")] += 1
    return found


def describe101(cell: Cell) -> Counter[Hashable]:
    """Return for a cell of NAS-Bench-101, pruned, how often each vertex label and each neighbourhood occurs.

    A neighbourhood is the operation of a vertex and those of the vertices it reads: the Weisfeiler-Lehman features of
    one step (Ru et al. 2021, NAS-BOWL).
    """
    pruned = cell.pruned()
    assert pruned is not None
    found: Counter[Hashable] = Counter(pruned.operations)
    for vertex, operation in enumerate(pruned.operations):
        found[operation, tuple(sorted(pruned.operations[source] for source in pruned.sources(vertex)))] += 1
    return found


def encode(cells: Sequence[Cell], describe: Callable[[Cell], Counter[Hashable]]) -> NDArray[np.float32]:
    """Return what `describe` counts as rows, with a column for every feature that occurs in `cells`."""
    columns: dict[Hashable, int] = {}
    counts = [describe(cell) for cell in cells]
    for counted in counts:
        for feature in counted:
            columns.setdefault(feature, len(columns))
    features_nf = np.zeros((len(cells), len(columns)), np.float32)
    for row, counted in enumerate(counts):
        for feature, times in counted.items():
            features_nf[row, columns[feature]] = times
    return features_nf


SEARCH_SPACES = {
    "nasbench101": SearchSpace(
        "nasbench101",
        nasbench101.OPERATIONS,
        nasbench101.VERTICES,
        nasbench101.canonical_hash,
        nasbench101.neighbours,
        nasbench101.mutate,
        partial(encode, describe=describe101),
        population=50,
        tournament=10,
    ),
    "nasbench201": SearchSpace(
        "nasbench201",
        nasbench201.OPERATIONS,
        nasbench201.VERTICES,
        nasbench201.write,
        nasbench201.neighbours,
        nasbench201.mutate,
        partial(encode, describe=describe201),
        population=10,
        tournament=3,
    ),
}
"""By name."""
