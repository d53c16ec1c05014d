"""What a search needs of a space: when two cells are one, what is near a cell, and numbers that describe it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from random import Random

import numpy as np
from numpy.typing import NDArray

from archwright.cells import nasbench101, nasbench201
from archwright.cells.cell import Cell
from archwright.cells.search.features import describe101, describe201, encode


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
