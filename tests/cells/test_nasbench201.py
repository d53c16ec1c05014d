import random
from collections import Counter

import pytest

from archwright.cells import nasbench201 as space
from archwright.cells.cell import Cell
from archwright.cells.tables import CellTable

TEXT = "|avg_pool_3x3~0|+|nor_conv_1x1~0|skip_connect~1|+|nor_conv_1x1~0|none~1|nor_conv_3x3~2|"


def test_a_string_makes_the_cell_it_stands_for_and_back() -> None:
    cell = space.parse(TEXT)
    operations = ("avg_pool_3x3", "nor_conv_1x1", "skip_connect", "nor_conv_1x1", "none", "nor_conv_3x3")
    assert cell.operations == ("input", *operations, "output")
    assert space.write(cell) == TEXT


def test_there_are_as_many_cells_as_published() -> None:
    cells = list(space.enumerate_cells().cells(space.OPERATIONS))
    assert len({space.write(cell) for cell in cells}) == len(cells) == 15_625
    assert all(space.check(cell) is None for cell in cells[::50])


@pytest.mark.parametrize(
    "text", ["", TEXT[:-1], TEXT.replace("none", "sep_conv"), TEXT.replace("~2", "~3"), TEXT + "\n"]
)
def test_another_string_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"is not of the form|no such operation"):
        space.parse(text)


def test_a_cell_outside_the_space_is_told_why() -> None:
    cell = space.parse(TEXT)
    assert "edges" in str(space.check(Cell(space.EDGES - {(0, 1)}, cell.operations)))
    assert "8 vertices" in str(space.check(Cell(frozenset({(0, 1)}), ("input", "output"))))
    with pytest.raises(ValueError, match="edges"):
        space.write(Cell(space.EDGES - {(0, 1)}, cell.operations))


def test_neighbours_differ_in_one_operation_and_mutation_draws_one_of_them() -> None:
    cell = space.parse(TEXT)
    near = space.neighbours(cell)
    assert len(set(near)) == 24
    for other in near:
        assert sum(a != b for a, b in zip(cell.operations, other.operations, strict=True)) == 1
        assert cell in space.neighbours(other)
    rng = random.Random(0)
    drawn = Counter(space.mutate(cell, rng) for _ in range(2_400))
    assert set(drawn) == set(near)
    assert max(drawn.values()) < 150
    with pytest.raises(ValueError, match="edges"):
        space.neighbours(Cell(frozenset(), cell.operations))


def test_the_measured_strings_are_ours(table201: CellTable) -> None:
    assert [table201.row_of(cell) for cell in table201.cells] == list(range(15_625))
