"""Keys against the published hash and string, cell by cell."""

from collections.abc import Callable

import numpy as np
import pytest

from archwright.cells import SPACES, nasbench101, nasbench201
from archwright.cells.arrays import PADDING, CellArrays
from archwright.cells.canonical import OUTSIDE, canonical_keys, published_keys
from archwright.cells.cell import Cell


def random_cells(n: int, seed: int = 0) -> CellArrays:
    """NAS-Bench-101 cells of 2 to 7 vertices, in the space, outside it, and each of a third of them renumbered."""
    rng = np.random.default_rng(seed)
    width = nasbench101.VERTICES
    adjacency_nvv = np.triu(rng.random((n, width, width)) < rng.choice([0.2, 0.4, 0.6], (n, 1, 1)), 1)
    operations_nv = rng.integers(1, 4, (n, width)).astype(np.int8)
    operations_nv[:, 0], sizes_n = 0, rng.integers(2, width + 1, n)
    operations_nv[np.arange(n), sizes_n - 1] = 4
    is_there_nv = np.arange(width) < sizes_n[:, None]
    operations_nv[~is_there_nv] = PADDING
    adjacency_nvv &= is_there_nv[:, :, None] & is_there_nv[:, None, :]
    for row in range(n // 3):
        inner = 1 + rng.permutation(sizes_n[row] - 2)
        order = np.array([0, *inner, *range(sizes_n[row] - 1, width)])
        renumbered_vv = adjacency_nvv[row][np.ix_(order, order)]
        if not np.tril(renumbered_vv).any():
            adjacency_nvv[n - 1 - row] = renumbered_vv
            operations_nv[n - 1 - row] = operations_nv[row][order]
    some = rng.choice(n, n // 10, replace=False)
    operations_nv[some, rng.integers(0, 2, len(some))] = rng.integers(0, 5, len(some))
    return CellArrays(adjacency_nvv.astype(np.uint8), operations_nv)


def same_partition(one: list[object], other: list[object]) -> bool:
    return len(set(one)) == len(set(other)) == len(set(zip(one, other, strict=True)))


def hashes(cells: list[Cell], of: Callable[[Cell], str]) -> list[object]:
    found: list[object] = []
    for cell in cells:
        try:
            found.append(of(cell))
        except ValueError:
            found.append(OUTSIDE)
    return found


def test_keys_of_101_tell_cells_apart_as_the_published_hash_does() -> None:
    some = random_cells(600)
    keys = canonical_keys("nasbench101", some).tolist()
    cells = list(some.cells(nasbench101.OPERATIONS))
    assert same_partition(keys, hashes(cells, nasbench101.canonical_hash))
    assert [key == OUTSIDE for key in keys] == [nasbench101.check(cell) is not None for cell in cells]
    assert 60 < len(set(keys)) < 600 - keys.count(OUTSIDE) - 50


def test_no_two_cells_of_a_space_have_one_key() -> None:
    for name, space in SPACES.items():
        keys = canonical_keys(name, space.enumerate_cells())
        assert len(set(keys.tolist()) - {OUTSIDE}) == space.CELLS
    assert keys.tolist() == list(range(nasbench201.CELLS))


def test_what_is_not_a_cell_of_201_has_no_key() -> None:
    cell = nasbench201.enumerate_cells()[np.array([7])]
    for operations, edge in (([1], (0, 1)), ([0], None), ([6], None)):
        wrong = CellArrays(cell.adjacency_nvv.copy(), cell.operations_nv.copy())
        wrong.operations_nv[0, 3] = operations[0]
        if edge is not None:
            wrong.adjacency_nvv[0][edge] = 0
        assert canonical_keys("nasbench201", wrong) == OUTSIDE
        assert (published_keys("nasbench201", wrong) == OUTSIDE) == (edge is None)


@pytest.mark.parametrize("place", ["middle", "edge"])
def test_padding_is_only_at_the_end_and_has_no_edges(place: str) -> None:
    cell = CellArrays.of([Cell(frozenset({(0, 1), (1, 2)}), ("input", "maxpool3x3", "output"))], *space_size())
    assert canonical_keys("nasbench101", cell) != OUTSIDE
    if place == "middle":
        cell.operations_nv[0, 1] = PADDING
    else:
        cell.adjacency_nvv[0, 2, 3] = 1
    assert canonical_keys("nasbench101", cell) == published_keys("nasbench101", cell) == OUTSIDE


def space_size() -> tuple[tuple[str, ...], int]:
    return nasbench101.OPERATIONS, nasbench101.VERTICES


def test_published_keys_are_of_the_graph_before_pruning() -> None:
    some = random_cells(600, seed=1)
    keys = published_keys("nasbench101", some)
    cells = [cell for cell, key in zip(some.cells(nasbench101.OPERATIONS), keys, strict=True) if key != OUTSIDE]
    labels = [[nasbench101.OPERATIONS.index(name) for name in cell.operations] for cell in cells]
    fingerprints: list[object] = [cell.fingerprint(each) for cell, each in zip(cells, labels, strict=True)]
    valid = keys[keys != OUTSIDE].tolist()
    assert same_partition(valid, fingerprints)
    pruned = canonical_keys("nasbench101", some)
    assert len(set(pruned[pruned != OUTSIDE].tolist())) < len(set(valid))


def test_published_validity_ignores_what_is_pruned_and_the_vertex_after_the_input() -> None:
    loose = CellArrays.of([Cell(frozenset({(0, 2)}), ("input", "output", "output"))], *space_size())
    assert canonical_keys("nasbench101", loose) == OUTSIDE != published_keys("nasbench101", loose)
    cell = nasbench201.enumerate_cells()[np.array([7])]
    cell.operations_nv[0, 1] = 0
    assert canonical_keys("nasbench201", cell) == OUTSIDE != published_keys("nasbench201", cell)
