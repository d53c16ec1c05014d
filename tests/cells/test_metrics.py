"""The metrics on samples whose counts are known."""

from dataclasses import replace

import numpy as np
import pytest

from archwright.cells import nasbench101, nasbench201
from archwright.cells.arrays import CellArrays
from archwright.cells.cell import Cell
from archwright.cells.metrics import Generated, GenerationMetrics, measure_reconstruction
from archwright.cells.split import CellSplit, split_space

CONV3, CONV1, POOL = nasbench101.INNER


def joined(*parts: CellArrays) -> CellArrays:
    return CellArrays(
        np.concatenate([part.adjacency_nvv for part in parts]), np.concatenate([part.operations_nv for part in parts])
    )


def test_a_split_is_of_the_whole_space_and_repeatable() -> None:
    one, again, other = (split_space("nasbench201", seed) for seed in (0, 0, 1))
    assert (len(one.train), len(one.held_out)) == (14_063, 1_562)
    rows = {tuple(row) for row in joined(one.train, one.held_out).operations_nv.tolist()}
    assert len(rows) == nasbench201.CELLS
    assert np.array_equal(one.held_out.operations_nv, again.held_out.operations_nv)
    assert not np.array_equal(one.held_out.operations_nv, other.held_out.operations_nv)


def test_strict_and_published_metrics_of_201() -> None:
    split = split_space("nasbench201", 0)
    wrong = CellArrays(split.train.adjacency_nvv[:3].copy(), split.train.operations_nv[:3])
    wrong.adjacency_nvv[:2, 0, 7] = 1
    samples = joined(split.train[:4], split.train[:2], split.held_out[:3], wrong)
    metrics = GenerationMetrics("nasbench201", split)
    strict = metrics.strict(samples)
    assert strict == Generated(samples=12, valid=10, unique=7, novel=3, held_out=1_562, recalled=3)
    lenient = metrics.lenient(samples)
    assert lenient == replace(strict, valid=12, unique=9, novel=5)
    assert lenient.absolute_uniqueness == pytest.approx(lenient.validity * lenient.uniqueness)
    assert lenient.absolute_novelty == pytest.approx(lenient.validity * lenient.novelty)
    assert strict.document()["held_out_recall"] == 3 / 1_562


def test_strict_and_published_metrics_of_101() -> None:
    def cells(*which: Cell) -> CellArrays:
        return CellArrays.of(which, nasbench101.OPERATIONS, nasbench101.VERTICES)

    edges = {(0, 1), (0, 2), (1, 3), (2, 3)}
    known = Cell(frozenset(edges), ("input", CONV3, POOL, "output"))
    swapped = Cell(frozenset(edges), ("input", POOL, CONV3, "output"))
    loose = Cell(frozenset({(0, 1), (0, 2), (1, 4), (2, 4), (0, 3)}), ("input", CONV3, POOL, CONV1, "output"))
    unseen = Cell(frozenset({(0, 1)}), ("input", "output"))
    cut = Cell(frozenset({(0, 1)}), ("input", CONV3, "output"))
    samples = cells(known, swapped, loose, unseen, cut)
    metrics = GenerationMetrics("nasbench101", CellSplit(cells(known), cells(unseen)))
    assert metrics.strict(samples) == Generated(samples=5, valid=4, unique=2, novel=1, held_out=1, recalled=1)
    assert metrics.lenient(samples) == Generated(samples=5, valid=4, unique=3, novel=2, held_out=1, recalled=1)


def test_without_a_valid_sample_shares_are_zero() -> None:
    none = Generated(samples=3, valid=0, unique=0, novel=0, held_out=5, recalled=0)
    assert (none.uniqueness, none.novelty, none.absolute_uniqueness) == (0, 0, 0)


def test_reconstruction_is_of_whole_cells_and_of_their_parts() -> None:
    cells = split_space("nasbench201", 0).held_out[:4]
    decoded = CellArrays(cells.adjacency_nvv.copy(), cells.operations_nv.copy())
    decoded.operations_nv[0, 3] = 0
    decoded.adjacency_nvv[0, 0, 7] = 1
    decoded.adjacency_nvv[1, 0, 7] = 1
    found = measure_reconstruction(cells, decoded)
    assert (found.cells, found.exact) == (4, 0.5)
    assert found.operations == pytest.approx(1 - 1 / 32)
    assert found.edges == pytest.approx(1 - 2 / (4 * 28))
