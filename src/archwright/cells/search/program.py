"""A cell as the program of a candidate: two assignments that read as Python."""

import ast

from archwright.candidate import Program
from archwright.cells.cell import Cell
from archwright.syntax import syntax_tree


def write_cell(cell: Cell) -> Program:
    """Return the program that stands for `cell`; equal cells have equal programs."""
    edges = sorted([start, end] for start, end in cell.edges)
    return Program(f"operations = {list(cell.operations)!r}\nedges = {edges!r}\n")


def read_cell(source: str) -> Cell:
    """Return the cell that a program stands for; raises ValueError for one that is none."""
    try:
        tree = syntax_tree(source)
        values = {node.targets[0].id: ast.literal_eval(node.value) for node in tree.body}  # type: ignore[attr-defined]
        edges = frozenset((int(start), int(end)) for start, end in values["edges"])
        return Cell(edges, tuple(str(operation) for operation in values["operations"]))
    except (SyntaxError, AttributeError, KeyError, TypeError, IndexError) as error:
        raise ValueError(f"not a cell: {error}") from None
