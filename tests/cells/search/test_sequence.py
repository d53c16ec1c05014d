"""Algorithm 1 with a stand-in: a code is an operation, and the model draws codes evenly."""

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray
from tests.cells.search.playing import Play

from archwright.cells import nasbench201
from archwright.cells.arrays import CellArrays
from archwright.cells.cell import Cell
from archwright.cells.search.sequence import Schedule, SequenceSearch
from archwright.cells.search.space import SEARCH_SPACES
from archwright.errors import UsageError

SPACE = SEARCH_SPACES["nasbench201"]
Codes = NDArray[np.int16]
ADJACENCY_VV = nasbench201.enumerate_cells().adjacency_nvv[0]


class EvenPrior:
    """Draws inner operations; every fourth sequence is malformed, and now and then one has two outputs."""

    def __init__(self) -> None:
        self.filled: list[Codes] = []

    def sample(self, n: int, temperature: float, seed: int) -> Codes:
        codes_nv = np.random.default_rng(seed).integers(1, 7, (n, 8)).astype(np.int16)
        codes_nv[:, 0], codes_nv[:, -1] = 0, 6
        codes_nv[::4] = -1
        return codes_nv

    def fill(self, codes_nv: Codes, temperature: float, seed: int) -> Codes:
        self.filled.append(codes_nv.copy())
        drawn_nv = np.random.default_rng(seed).integers(1, 6, codes_nv.shape).astype(np.int16)
        drawn_nv[:, 0], drawn_nv[:, -1] = 0, 6
        return np.where(codes_nv < 0, drawn_nv, codes_nv)


class Identity:
    """Takes the number of an operation as its code."""

    def encode(self, cells: CellArrays) -> Codes:
        return cells.operations_nv.astype(np.int16)

    def decode(self, codes_nv: Codes) -> CellArrays:
        return CellArrays(np.repeat(ADJACENCY_VV[None], len(codes_nv), 0), codes_nv.astype(np.int8))


def searched(
    accuracy: Callable[[Cell], float | None], schedule: Schedule, queries: int = 10_000, prior: EvenPrior | None = None
) -> Play:
    strategy = SequenceSearch(SPACE, prior or EvenPrior(), Identity(), schedule, temperature=1.0, seed=0)
    search = Play(SPACE, strategy, accuracy)
    search.run(queries)
    return search


@pytest.mark.parametrize("sizes", [(40, 10, 12), (100, 25, 4)])
def test_the_published_sizes_measure_400_cells(sizes: tuple[int, int, int], accuracy: Callable[[Cell], float]) -> None:
    schedule = Schedule(*sizes)
    search = searched(accuracy, schedule)
    assert len(search.queries) == schedule.queries == 400
    assert len({query.cell for query in search.queries}) == 400
    assert search.proposals > 400


def test_a_round_masks_the_best_and_fills_them_in(accuracy: Callable[[Cell], float]) -> None:
    prior = EvenPrior()
    search = searched(accuracy, Schedule(20, 5, 1), prior=prior)
    first = sorted(search.queries[:20], key=lambda query: -(query.accuracy or 0))[:5]
    best_mv = Identity().encode(
        CellArrays.of([query.cell for query in first], nasbench201.OPERATIONS, nasbench201.VERTICES)
    )
    for number, codes_v in enumerate(prior.filled[0]):
        is_masked_v = codes_v < 0
        assert is_masked_v.any()
        assert np.array_equal(codes_v[~is_masked_v], best_mv[number % 5][~is_masked_v])
    assert len(search.queries) == 20 + 15


def test_a_closed_pool_costs_proposals_and_no_queries(accuracy: Callable[[Cell], float]) -> None:
    def measured(cell: Cell) -> float | None:
        return accuracy(cell) if sum(nasbench201.write(cell).encode()) % 5 == 0 else None

    schedule = Schedule(12, 3, 2)
    search = searched(measured, schedule)
    assert len(search.queries) == schedule.queries == 30
    assert search.proposals > 100


def test_rounds_without_limit_end_with_the_budget(accuracy: Callable[[Cell], float]) -> None:
    assert len(searched(accuracy, Schedule(12, 3, None), queries=77).queries) == 77


def test_a_schedule_without_room_is_refused() -> None:
    with pytest.raises(UsageError, match="population of 29"):
        Schedule(29, 10, 1)
