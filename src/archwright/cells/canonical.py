"""Canonical keys of many cells at once: one integer per cell, the same for cells that are the same to their benchmark.

As exact as the published hash and string, and a thousand times cheaper; that they agree is tested. `published_keys`
stand beside them for the lenient metrics.
"""

from itertools import combinations, permutations

import numpy as np
from numpy.typing import NDArray

from archwright.cells import nasbench101, nasbench201
from archwright.cells.arrays import PADDING, CellArrays
from archwright.novelty.tokens import mixed

OUTSIDE = -1
"""The key of what is not a cell of the space."""
SIZE_BITS = 40
"""Of a key of NAS-Bench-101 below the number of vertices: 21 for the edges, 8 for the operations."""


def canonical_keys(space: str, cells: CellArrays) -> NDArray[np.int64]:
    """Return the keys (N,) of `cells`, `OUTSIDE` for those outside the space.

    NAS-Bench-101: of the pruned cell, the same for isomorphic ones. NAS-Bench-201: the row in `enumerate_cells`.
    A row is no cell when a vertex that it does not have stands before one that it has, or has edges.
    """
    return _keys101(cells) if space == "nasbench101" else _keys201(cells)


def published_keys(space: str, cells: CellArrays) -> NDArray[np.int64]:
    """Return the keys (N,) by which published metrics count cells, `OUTSIDE` where these call a cell invalid.

    As in arch2vec's code, on which the papers build. The key is that of the graph as it was decoded: vertices on no
    path count. What is not looked at: on NAS-Bench-101 the operations of vertices that pruning removes; on
    NAS-Bench-201 all edges, and the operation of the vertex after the input.
    """
    keys_n = _refined_keys(cells)
    if space == "nasbench101":
        is_valid_n = _prune(cells)[1]
    else:
        operations_nv = cells.operations_nv
        known = [nasbench201.OPERATIONS.index(name) for name in nasbench201.INNER]
        is_valid_n = _has_ends(operations_nv, nasbench201.OPERATIONS) & np.isin(operations_nv[:, 2:-1], known).all(1)
    return np.where(is_valid_n, keys_n, OUTSIDE)


def _keys201(cells: CellArrays) -> NDArray[np.int64]:
    space = nasbench201
    edges_vv = np.zeros((space.VERTICES, space.VERTICES), np.uint8)
    edges_vv[tuple(zip(*space.EDGES, strict=True))] = 1
    first = space.OPERATIONS.index(space.INNER[0])
    inner_ns = cells.operations_nv[:, 1:-1].astype(np.int64) - first
    is_inside_n = (cells.adjacency_nvv == edges_vv).all((1, 2)) & _has_ends(cells.operations_nv, space.OPERATIONS)
    is_inside_n &= ((inner_ns >= 0) & (inner_ns < len(space.INNER))).all(1)
    places_s = len(space.INNER) ** np.arange(len(space.SLOTS))[::-1]
    return np.where(is_inside_n, inner_ns @ places_s, OUTSIDE)


def _has_ends(operations_nv: NDArray[np.int8], operations: tuple[str, ...]) -> NDArray[np.bool_]:
    """Return which rows begin with the input and end with the output."""
    is_right_n: NDArray[np.bool_] = (operations_nv[:, 0] == 0) & (operations_nv[:, -1] == len(operations) - 1)
    return is_right_n


def _keys101(cells: CellArrays) -> NDArray[np.int64]:
    """Return the lowest key over all orders of the inner vertices of the pruned cell.

    Edges weigh more than operations, so only the orders that give a graph its lowest edges are tried on operations.
    """
    keys_n = np.full(len(cells), OUTSIDE, np.int64)
    last = nasbench101.OPERATIONS.index(nasbench101.OUTPUT)
    is_known_n = ((cells.operations_nv > 0) & (cells.operations_nv < last)).sum(1) == _sizes(cells) - 2
    pruned, is_valid_n = _prune(cells)
    sizes_n = _sizes(pruned)
    for size in range(2, nasbench101.VERTICES + 1):
        rows = np.flatnonzero(is_valid_n & is_known_n & (sizes_n == size))
        if len(rows):
            keys_n[rows] = (size << SIZE_BITS) + _lowest(pruned[rows], size)
    return keys_n


def _lowest(cells: CellArrays, size: int) -> NDArray[np.int64]:
    """Return edges and operations of pruned cells of `size` vertices as the lowest number an order gives them."""
    pairs = list(combinations(range(size), 2))
    masks_n = np.zeros(len(cells), np.int64)
    for bit, (start, end) in enumerate(pairs):
        masks_n |= cells.adjacency_nvv[:, start, end].astype(np.int64) << bit
    graphs_g, graph_n = np.unique(masks_n, return_inverse=True)
    orders = [(0, *inner, size - 1) for inner in permutations(range(1, size - 1))]
    masks_og = np.stack([nasbench101.renumbered(graphs_g, order, pairs) for order in orders])
    lowest_g = masks_og.min(0)
    labels_nl = cells.operations_nv[:, 1 : size - 1].astype(np.int64) - nasbench101.OPERATIONS.index(
        nasbench101.INNER[0]
    )
    weights_l = len(nasbench101.INNER) ** np.arange(size - 2)
    codes_n = np.full(len(cells), np.iinfo(np.int64).max)
    for order, masks_g in zip(orders, masks_og, strict=True):
        rows = np.flatnonzero((masks_g == lowest_g)[graph_n])
        places_l = np.array(order[1:-1], int) - 1
        codes_n[rows] = np.minimum(codes_n[rows], labels_nl[rows] @ weights_l[places_l])
    keys_n: NDArray[np.int64] = lowest_g[graph_n] * len(nasbench101.INNER) ** (nasbench101.VERTICES - 2) + codes_n
    return keys_n


def _prune(cells: CellArrays) -> tuple[CellArrays, NDArray[np.bool_]]:
    """Return the cells without vertices on no path from input to output, and which are in NAS-Bench-101's space.

    Only of those in the space the arrays mean something. The operations of removed vertices are not looked at.
    """
    adjacency_nvv, operations_nv = cells.adjacency_nvv.astype(bool), cells.operations_nv
    count, width = operations_nv.shape
    is_there_nv = operations_nv != PADDING
    sizes_n = is_there_nv.sum(1)
    touches_nv = adjacency_nvv.any(1) | adjacency_nvv.any(2)
    is_valid_n = (is_there_nv == (np.arange(width) < sizes_n[:, None])).all(1) & ~(touches_nv & ~is_there_nv).any(1)
    is_valid_n &= sizes_n >= 2
    is_reached_nv, is_reaching_nv = np.zeros((2, count, width), bool)
    is_reached_nv[:, 0] = True
    is_reaching_nv[np.arange(count), sizes_n - 1] = True
    for vertex in range(1, width):
        is_reached_nv[:, vertex] = (adjacency_nvv[:, :, vertex] & is_reached_nv).any(1)
        back = width - 1 - vertex
        is_reaching_nv[:, back] |= (adjacency_nvv[:, back] & is_reaching_nv).any(1)
    is_kept_nv = is_reached_nv & is_reaching_nv
    is_valid_n &= is_kept_nv[:, 0]
    adjacency_nvv &= is_kept_nv[:, :, None] & is_kept_nv[:, None, :]
    order_nv = np.argsort(~is_kept_nv, axis=1, kind="stable")
    operations_nv = np.take_along_axis(np.where(is_kept_nv, operations_nv, PADDING), order_nv, 1)
    adjacency_nvv = np.take_along_axis(adjacency_nvv, order_nv[:, :, None], 1)
    adjacency_nvv = np.take_along_axis(adjacency_nvv, order_nv[:, None, :], 2)
    last = nasbench101.OPERATIONS.index(nasbench101.OUTPUT)
    sizes_n = is_kept_nv.sum(1)
    is_valid_n &= (operations_nv[:, 0] == 0) & (operations_nv[np.arange(count), sizes_n - 1] == last)
    is_valid_n &= ((operations_nv > 0) & (operations_nv < last)).sum(1) == sizes_n - 2
    is_valid_n &= (sizes_n <= nasbench101.VERTICES) & (adjacency_nvv.sum((1, 2)) <= nasbench101.EDGES)
    return CellArrays(adjacency_nvv.astype(np.uint8), operations_nv.astype(np.int8)), is_valid_n


def _sizes(cells: CellArrays) -> NDArray[np.int64]:
    sizes_n: NDArray[np.int64] = (cells.operations_nv != PADDING).sum(1)
    return sizes_n


def _refined_keys(cells: CellArrays) -> NDArray[np.int64]:
    """Return a key of each graph as it stands that tells the same graphs apart as `Cell.fingerprint`.

    The same refinement of labels by those of sources and targets, with sums of 64 mixed bits in place of md5.
    """
    adjacency_nvv = cells.adjacency_nvv.astype(np.uint64)
    is_there_nv = cells.operations_nv != PADDING
    labels_nv = (cells.operations_nv.astype(np.int64) + 2).astype(np.uint64)
    degrees_nv = adjacency_nvv.sum(2) * np.uint64(64) + adjacency_nvv.sum(1)
    colours_nv = mixed(labels_nv * np.uint64(4096) + degrees_nv)
    for _ in range(cells.operations_nv.shape[1]):
        targets_nv, sources_nv = (
            np.einsum(axes, adjacency_nvv, mixed(colours_nv)) for axes in ("nab,nb->na", "nba,nb->na")
        )
        colours_nv = mixed(colours_nv + mixed(targets_nv + np.uint64(1)) + mixed(sources_nv + np.uint64(2)))
    sums_n = mixed(np.where(is_there_nv, colours_nv, np.uint64(0))).sum(1)
    keys_n: NDArray[np.int64] = (sums_n >> np.uint64(1)).astype(np.int64)
    return keys_n
