import random

import pytest

from archwright.cells.cell import Cell


def test_what_is_on_no_path_is_pruned() -> None:
    cell = Cell(frozenset({(0, 1), (1, 5), (0, 2), (3, 5), (0, 4), (4, 5)}), ("i", "a", "dead end", "unread", "b", "o"))
    assert cell.pruned() == Cell(frozenset({(0, 1), (1, 3), (0, 2), (2, 3)}), ("i", "a", "b", "o"))


@pytest.mark.parametrize("edges", [set(), {(0, 1)}, {(1, 2)}])
def test_a_cell_without_a_path_is_nothing(edges: set[tuple[int, int]]) -> None:
    assert Cell(frozenset(edges), ("i", "a", "o")).pruned() is None


@pytest.mark.parametrize("edge", [(1, 1), (2, 1), (0, 3), (-1, 2)])
def test_edges_lead_forward_inside_the_cell(edge: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="no edge"):
        Cell(frozenset({edge}), ("i", "a", "o"))


def test_isomorphic_cells_have_one_fingerprint_and_others_another() -> None:
    edges = frozenset({(0, 1), (0, 2), (1, 3), (2, 4), (3, 4), (1, 4)})
    swapped = frozenset({(0, 2), (0, 1), (2, 3), (1, 4), (3, 4), (2, 4)})
    one = Cell(edges, ("i", "a", "b", "c", "o")).fingerprint([-1, 0, 1, 2, -2])
    assert Cell(swapped, ("i", "b", "a", "c", "o")).fingerprint([-1, 1, 0, 2, -2]) == one
    assert Cell(edges, ("i", "b", "a", "c", "o")).fingerprint([-1, 1, 0, 2, -2]) != one


def test_pruning_changes_no_fingerprint_of_a_pruned_cell() -> None:
    rng = random.Random(0)
    for _ in range(50):
        edges = frozenset((a, b) for b in range(1, 7) for a in range(b) if rng.random() < 0.4)
        pruned = Cell(edges, tuple("iabcdeo")).pruned()
        assert pruned is None or pruned.pruned() == pruned
