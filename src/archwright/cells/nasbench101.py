"""NAS-Bench-101's space (Ying et al. 2019): every cell of at most 7 vertices and 9 edges with three operations.

A cell that a program or a model writes may have vertices on no path from input to output; they are pruned, and the
limits hold on what is left. `enumerate_cells` finds all 423,624 pruned cells that are not isomorphic from the rules.
"""

import random
from collections.abc import Iterator, Sequence
from itertools import combinations, permutations, product

import numpy as np
from numpy.typing import NDArray

from archwright.cells.arrays import PADDING, CellArrays
from archwright.cells.cell import Cell

VERTICES, EDGES = 7, 9
"""The most a pruned cell may have."""
INPUT, OUTPUT = "input", "output"
INNER = ("conv3x3-bn-relu", "conv1x1-bn-relu", "maxpool3x3")
"""In the order of the published labels."""
OPERATIONS = (INPUT, *INNER, OUTPUT)
CELLS = 423_624

Edge = tuple[int, int]


def check(cell: Cell) -> str | None:
    """Return what is wrong with `cell`, None when it is in the space as it is or after pruning."""
    if len(cell.operations) < 2 or cell.operations[0] != INPUT or cell.operations[-1] != OUTPUT:
        return "the first vertex must be the input and the last one the output"
    if unknown := sorted(set(cell.operations[1:-1]) - set(INNER)):
        return f"no such operation: {', '.join(unknown)}; use {', '.join(INNER)}"
    pruned = cell.pruned()
    if pruned is None:
        return "no path leads from the input to the output"
    if len(pruned.operations) > VERTICES:
        return f"it has {len(pruned.operations)} vertices, more than {VERTICES}"
    if len(pruned.edges) > EDGES:
        return f"it has {len(pruned.edges)} edges, more than {EDGES}"
    return None


def within(cell: Cell) -> Cell:
    """Return the pruned cell; raises ValueError for a cell outside the space."""
    pruned = cell.pruned()
    if (problem := check(cell)) or pruned is None:
        raise ValueError(problem)
    return pruned


def canonical_hash(cell: Cell) -> str:
    """Return the published hash of the pruned cell; raises ValueError for a cell outside the space."""
    pruned = within(cell)
    return pruned.fingerprint([-1, *(INNER.index(operation) for operation in pruned.operations[1:-1]), -2])


def neighbours(cell: Cell) -> list[Cell]:
    """Return the cells one step from the pruned `cell`, pruned; raises ValueError for a cell outside the space.

    A step exchanges an operation, adds or removes an edge, or adds a vertex that reads one vertex and is read by one.
    Some may be isomorphic to each other.
    """
    return [within(step) for step in _steps(within(cell)) if check(step) is None]


def mutate(cell: Cell, rng: random.Random) -> Cell:
    """Return a cell of `VERTICES` vertices in the space, a few random changes from `cell`; ValueError outside.

    As in the search published with the benchmark: an edge is flipped with probability 1 / 7, an operation exchanged
    with probability 1 / 5, until the result is in the space. Vertices on no path stay, so that a later change can
    connect them; a smaller cell is filled up with such vertices.
    """
    pruned = within(cell)
    parent = _filled(pruned if len(cell.operations) > VERTICES else cell, rng)
    pairs = list(combinations(range(VERTICES), 2))
    while True:
        flipped = {pair for pair in pairs if rng.random() < 1 / VERTICES}
        inner = [
            rng.choice([other for other in INNER if other != operation])
            if rng.random() < 1 / (VERTICES - 2)
            else operation
            for operation in parent.operations[1:-1]
        ]
        child = Cell(parent.edges ^ flipped, (INPUT, *inner, OUTPUT))
        if check(child) is None:
            return child


def enumerate_cells() -> CellArrays:
    """Return one cell of every isomorphism class by rising number of vertices; takes a second, so nothing is cached.

    The graph comes first: of all masks that differ only in the order of the inner vertices the lowest is kept. Then
    the labels: of all that the graph's symmetries exchange the lowest are kept.
    """
    parts = [part for vertices in range(2, VERTICES + 1) for part in _cells_with(vertices)]
    adjacency_nvv = np.concatenate([part.adjacency_nvv for part in parts])
    return CellArrays(adjacency_nvv, np.concatenate([part.operations_nv for part in parts]))


def _steps(cell: Cell) -> Iterator[Cell]:
    """Yield what is one step from a pruned cell, whether or not it is in the space."""
    size = len(cell.operations)
    for vertex, operation in list(enumerate(cell.operations))[1:-1]:
        for other in INNER:
            if other != operation:
                yield Cell(cell.edges, (*cell.operations[:vertex], other, *cell.operations[vertex + 1 :]))
    for pair in combinations(range(size), 2):
        yield Cell(cell.edges ^ {pair}, cell.operations)
    for start, end in combinations(range(size), 2):
        for operation in INNER:
            wider = _with_vertex(cell, end, operation)
            yield Cell(wider.edges | {(start, end), (end, end + 1)}, wider.operations)


def _with_vertex(cell: Cell, place: int, operation: str) -> Cell:
    """Return `cell` with a vertex that no edge touches before the one at `place`."""
    edges = frozenset((a + (a >= place), b + (b >= place)) for a, b in cell.edges)
    return Cell(edges, (*cell.operations[:place], operation, *cell.operations[place:]))


def _filled(cell: Cell, rng: random.Random) -> Cell:
    """Return `cell` with `VERTICES` vertices, loose ones before its output."""
    while len(cell.operations) < VERTICES:
        cell = _with_vertex(cell, len(cell.operations) - 1, rng.choice(INNER))
    return cell


def _cells_with(vertices: int) -> list[CellArrays]:
    """Return the cells of so many vertices, one part per graph."""
    pairs = list(combinations(range(vertices), 2))
    masks_m = np.arange(1 << len(pairs))
    masks_m = masks_m[np.bitwise_count(masks_m) <= EDGES]
    masks_m = masks_m[_has_no_loose_vertex(masks_m, pairs, vertices)]
    orders = [(0, *inner, vertices - 1) for inner in permutations(range(1, vertices - 1))]
    lowest_m = masks_m.copy()
    for order in orders:
        np.minimum(lowest_m, renumbered(masks_m, order, pairs), out=lowest_m)
    graphs_g = np.unique(lowest_m)
    is_symmetry_og = np.stack([renumbered(graphs_g, order, pairs) == graphs_g for order in orders])
    labels_lv = np.array(list(product(range(len(INNER)), repeat=vertices - 2)), np.int8)
    parts = []
    for number, mask in enumerate(graphs_g):
        symmetries = [orders[index] for index in np.flatnonzero(is_symmetry_og[:, number])]
        chosen_lv = labels_lv[_is_lowest(labels_lv, symmetries)]
        adjacency_vv = np.zeros((VERTICES, VERTICES), np.uint8)
        for bit, pair in enumerate(pairs):
            adjacency_vv[pair] = mask >> bit & 1
        operations_nv = np.full((len(chosen_lv), VERTICES), PADDING, np.int8)
        operations_nv[:, 0], operations_nv[:, vertices - 1] = OPERATIONS.index(INPUT), OPERATIONS.index(OUTPUT)
        operations_nv[:, 1 : vertices - 1] = chosen_lv + OPERATIONS.index(INNER[0])
        parts.append(CellArrays(np.repeat(adjacency_vv[None], len(chosen_lv), 0), operations_nv))
    return parts


def _has_no_loose_vertex(masks_m: NDArray[np.int64], pairs: Sequence[Edge], vertices: int) -> NDArray[np.bool_]:
    """Return for each mask whether every vertex but the last is read and every one but the first reads one.

    In a graph whose edges lead forward that puts every vertex on a path from the first to the last.
    """
    is_right_m = np.ones(len(masks_m), bool)
    for vertex in range(vertices):
        for end, spared in ((0, vertices - 1), (1, 0)):
            if vertex != spared:
                bits = sum(1 << number for number, pair in enumerate(pairs) if pair[end] == vertex)
                is_right_m &= (masks_m & bits) != 0
    return is_right_m


def renumbered(masks_m: NDArray[np.int64], order: Sequence[int], pairs: Sequence[Edge]) -> NDArray[np.int64]:
    """Return the masks after vertex v has become `order[v]`; the largest integer where an edge would lead back."""
    number = {pair: index for index, pair in enumerate(pairs)}
    renumbered_m = np.zeros_like(masks_m)
    backwards = 0
    for index, (start, end) in enumerate(pairs):
        if order[start] < order[end]:
            renumbered_m |= (masks_m >> index & 1) << number[order[start], order[end]]
        else:
            backwards |= 1 << index
    renumbered_m[(masks_m & backwards) != 0] = np.iinfo(np.int64).max
    return renumbered_m


def _is_lowest(labels_lv: NDArray[np.int8], symmetries: Sequence[Sequence[int]]) -> NDArray[np.bool_]:
    """Return which labellings of the inner vertices no symmetry of the graph turns into a lower one."""
    inner = labels_lv.shape[1]
    weights_v = len(INNER) ** np.arange(inner)
    codes_l = labels_lv @ weights_v
    is_lowest_l = np.ones(len(labels_lv), bool)
    for order in symmetries:
        place_v = np.array(order[1:-1], int) - 1
        is_lowest_l &= labels_lv @ weights_v[place_v] >= codes_l
    return is_lowest_l
