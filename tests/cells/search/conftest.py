"""A small part of NAS-Bench-201's space with accuracies that a formula gives."""

from collections.abc import Callable, Sequence

import pytest

from archwright.cells import nasbench201
from archwright.cells.cell import Cell

POINTS = {"none": 0.0, "skip_connect": 0.3, "avg_pool_3x3": 0.1, "nor_conv_1x1": 0.8, "nor_conv_3x3": 1.0}


@pytest.fixture(scope="session")
def pool() -> Sequence[Cell]:
    """977 cells, every operation at every place among them."""
    return list(nasbench201.enumerate_cells()[::16].cells(nasbench201.OPERATIONS))


@pytest.fixture(scope="session")
def accuracy() -> Callable[[Cell], float]:
    """Higher with every convolution; the later the place, the more it counts, so that one cell is the best."""
    return lambda cell: (
        0.9 * sum(POINTS[operation] * (1 + place / 100) / 7 for place, operation in enumerate(cell.operations[1:-1]))
    )
