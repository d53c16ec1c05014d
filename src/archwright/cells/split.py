"""Which cells of a space a model learns from, and which are held out."""

from dataclasses import dataclass

import numpy as np

from archwright.cells import SPACES
from archwright.cells.arrays import CellArrays
from archwright.randomness import derive_seed

HELD_OUT = 0.1
"""The paper's share (section 4.1)."""


@dataclass(frozen=True, slots=True)
class CellSplit:
    """The cells of a space in two parts, each in random order."""

    train: CellArrays
    held_out: CellArrays


def split_space(space: str, seed: int) -> CellSplit:
    """Return all cells of `space`, a tenth of them held out; the same for the same seed."""
    cells = SPACES[space].enumerate_cells()
    order = np.random.default_rng(derive_seed(seed, "split", space)).permutation(len(cells))
    held_out = round(HELD_OUT * len(cells))
    return CellSplit(cells[order[held_out:]], cells[order[:held_out]])
