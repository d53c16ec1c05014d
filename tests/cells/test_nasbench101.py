import random
from collections import Counter

import numpy as np
import pytest

from archwright.cells import nasbench101 as space
from archwright.cells.arrays import CellArrays
from archwright.cells.cell import Cell
from archwright.cells.tables import CellTable

CONV3, CONV1, POOL = space.INNER


@pytest.fixture(scope="module")
def everything() -> CellArrays:
    return space.enumerate_cells()


def test_the_rules_give_the_published_number_of_cells(everything: CellArrays) -> None:
    found = Counter((everything.operations_nv >= 0).sum(1).tolist())
    assert found == {2: 1, 3: 6, 4: 84, 5: 2_441, 6: 62_010, 7: 359_082}
    assert len(everything) == space.CELLS


def test_every_cell_is_in_the_space_and_differs_from_the_others(everything: CellArrays) -> None:
    rows = np.random.default_rng(0).choice(len(everything), 400, replace=False)
    cells = list(everything[rows].cells(space.OPERATIONS))
    assert all(space.check(cell) is None and cell.pruned() == cell for cell in cells)
    assert len({space.canonical_hash(cell) for cell in cells}) == len(cells)
    small = list(everything[:2_532].cells(space.OPERATIONS))
    assert len({space.canonical_hash(cell) for cell in small}) == len(small)


def test_arrays_and_cells_say_the_same(everything: CellArrays) -> None:
    some = everything[np.arange(0, len(everything), 40_000)]
    again = CellArrays.of(list(some.cells(space.OPERATIONS)), space.OPERATIONS, space.VERTICES)
    assert np.array_equal(again.adjacency_nvv, some.adjacency_nvv)
    assert np.array_equal(again.operations_nv, some.operations_nv)


def test_hashes_are_the_published_ones() -> None:
    """The two smallest cells of the data set, with the hashes it gives them."""
    smallest = Cell(frozenset({(0, 1)}), ("input", "output"))
    assert space.canonical_hash(smallest) == "043721b9c7fe8c5fad811d47d83132ec"
    next_one = Cell(frozenset({(0, 1), (0, 2), (1, 2)}), ("input", CONV1, "output"))
    assert space.canonical_hash(next_one) == "09fc2d10bdd6225e167a6f81a22a3f06"


def test_hashes_are_those_of_the_measured_cells(table101: CellTable) -> None:
    for row in range(0, len(table101.cells), 100):
        assert table101.row_of(table101.cells[row]) == row


@pytest.mark.parametrize(
    ("edges", "operations", "problem"),
    [
        ({(0, 1)}, ("output", "input"), "the first vertex"),
        ({(0, 1), (1, 2)}, ("input", "conv5x5", "output"), "no such operation: conv5x5"),
        ({(0, 1)}, ("input", POOL, "output"), "no path"),
        ({(v, v + 1) for v in range(7)}, ("input", *[CONV3] * 6, "output"), "8 vertices, more than 7"),
        ({(a, b) for b in range(5) for a in range(b)}, ("input", *[CONV3] * 3, "output"), "10 edges, more than 9"),
    ],
)
def test_a_cell_outside_the_space_is_told_why(
    edges: set[tuple[int, int]], operations: tuple[str, ...], problem: str
) -> None:
    cell = Cell(frozenset(edges), operations)
    assert problem in str(space.check(cell))
    with pytest.raises(ValueError, match=problem):
        space.canonical_hash(cell)


def test_limits_hold_on_what_is_left_after_pruning() -> None:
    loose = Cell(frozenset({(0, 8), *((0, v) for v in range(1, 8))}), ("input", *[CONV3] * 7, "output"))
    assert space.check(loose) is None
    assert space.canonical_hash(loose) == "043721b9c7fe8c5fad811d47d83132ec"


def test_neighbours_are_one_step_away() -> None:
    smallest = Cell(frozenset({(0, 1)}), ("input", "output"))
    grown = {Cell(frozenset({(0, 1), (0, 2), (1, 2)}), ("input", operation, "output")) for operation in space.INNER}
    assert set(space.neighbours(smallest)) == grown
    chain = Cell(frozenset({(0, 1), (1, 2)}), ("input", CONV3, "output"))
    near = set(space.neighbours(chain))
    assert Cell(chain.edges, ("input", POOL, "output")) in near
    assert Cell(chain.edges | {(0, 2)}, chain.operations) in near
    assert Cell(frozenset({(0, 1), (1, 2), (0, 3), (2, 3), (1, 3)}), ("input", CONV3, POOL, "output")) not in near
    assert chain not in near


def test_neighbours_and_mutations_stay_in_the_space(everything: CellArrays) -> None:
    rng = random.Random(0)
    for cell in everything[np.arange(5, len(everything), 30_000)].cells(space.OPERATIONS):
        near = space.neighbours(cell)
        assert len(near) > 8
        assert all(space.check(other) is None and other.pruned() == other for other in near)
        children = [space.mutate(cell, rng) for _ in range(20)]
        assert all(space.check(child) is None and len(child.operations) == space.VERTICES for child in children)
        assert len({space.canonical_hash(child) for child in children}) > 3


def test_a_mutation_is_small_and_can_connect_a_loose_vertex() -> None:
    loose = Cell(frozenset({(0, 1), (1, 6)}), ("input", CONV3, *[CONV1] * 4, "output"))
    rng = random.Random(0)
    children = [space.mutate(loose, rng) for _ in range(400)]
    flipped = [len(child.edges ^ loose.edges) for child in children]
    assert 2 < sum(flipped) / len(flipped) < 4
    assert max(len(pruned.operations) for child in children if (pruned := child.pruned())) > 3
    wide = Cell(frozenset({(0, 8), *((0, v) for v in range(1, 8))}), ("input", *[CONV3] * 7, "output"))
    assert len(space.mutate(wide, rng).operations) == space.VERTICES
    for change in (space.neighbours, lambda cell: space.mutate(cell, rng)):
        with pytest.raises(ValueError, match="no path"):
            change(Cell(frozenset(), ("input", "output")))
