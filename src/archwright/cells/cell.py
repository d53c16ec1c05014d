"""A cell: a small directed acyclic graph whose vertices are operations; as a program, two assignments of Python."""

import ast
import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from archwright.candidate import Program
from archwright.syntax import syntax_tree


@dataclass(frozen=True, slots=True)
class Cell:
    """A graph from the first vertex, the input, to the last one, the output."""

    edges: frozenset[tuple[int, int]]
    """(from, to), from < to."""
    operations: tuple[str, ...]
    """One per vertex, input and output included."""

    def __post_init__(self) -> None:
        for start, end in self.edges:
            if not 0 <= start < end < len(self.operations):
                raise ValueError(f"no edge {start} -> {end} in a cell of {len(self.operations)} vertices")

    def sources(self, vertex: int) -> list[int]:
        """Return the vertices that `vertex` reads, in order."""
        return sorted(start for start, end in self.edges if end == vertex)

    def targets(self, vertex: int) -> list[int]:
        """Return the vertices that read `vertex`, in order."""
        return sorted(end for start, end in self.edges if start == vertex)

    def pruned(self) -> "Cell | None":
        """Return the cell without the vertices that are on no path from input to output; None if there is no path."""
        last = len(self.operations) - 1
        kept = sorted(_reached(0, self.targets) & _reached(last, self.sources))
        if kept[:1] != [0] or kept[-1] != last:
            return None
        place = {vertex: number for number, vertex in enumerate(kept)}
        edges = frozenset((place[a], place[b]) for a, b in self.edges if a in place and b in place)
        return Cell(edges, tuple(self.operations[vertex] for vertex in kept))

    def fingerprint(self, labels: Sequence[int]) -> str:
        """Return NAS-Bench-101's hash of the graph with one label per vertex: 32 hexadecimal digits.

        The same for isomorphic cells (Ying et al. 2019, `graph_util.hash_module`).
        """
        vertices = range(len(self.operations))
        sources, targets = ([look(vertex) for vertex in vertices] for look in (self.sources, self.targets))
        hashes = [_md5(str((len(targets[v]), len(sources[v]), labels[v]))) for v in vertices]
        for _ in vertices:
            hashes = [
                _md5(
                    "|".join(["".join(sorted(hashes[w] for w in near[v])) for near in (sources, targets)] + [hashes[v]])
                )
                for v in vertices
            ]
        return _md5(str(sorted(hashes)))


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


def _reached(start: int, neighbours: Callable[[int], list[int]]) -> set[int]:
    found, queue = {start}, [start]
    while queue:
        fresh = set(neighbours(queue.pop())) - found
        found |= fresh
        queue += fresh
    return found


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
