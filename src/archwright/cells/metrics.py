"""The metrics of section 4.2 of the Arch-LLM paper, strict and as published.

Strict: a sample is valid when it is a cell of the space, edges and operations both; two are one when they are the same
cell to the benchmark (after pruning, up to isomorphism); it is novel when it is not among the training cells. As the
space is training and held-out cells together, novel cells are held-out ones.

Lenient: what the published code counts (`canonical.published_keys` says what it ignores). Graphs outside the space may
be valid, and one cell with different loose vertices is several, each novel.
"""

from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray

from archwright.cells.arrays import CellArrays
from archwright.cells.canonical import OUTSIDE, canonical_keys, published_keys
from archwright.cells.split import CellSplit


@dataclass(frozen=True, slots=True)
class Reconstructed:
    """How well cells came back from their codes; shares in [0, 1]."""

    cells: int
    exact: float
    """Strict: every operation and every edge of the cell is right."""
    operations: float
    """Lenient, as arch2vec prints: right operations among all places for a vertex, whatever cell they are in."""
    edges: float
    """Lenient, as arch2vec prints: pairs of vertices that are rightly connected or not."""


@dataclass(frozen=True, slots=True)
class Generated:
    """Counts of samples; the shares are those of section 4.2."""

    samples: int
    valid: int
    unique: int
    """Different ones among the valid."""
    novel: int
    """Valid ones that are not training cells, each sample counted."""
    held_out: int
    """Cells held out."""
    recalled: int
    """Different held-out cells among the samples."""

    @property
    def validity(self) -> float:
        """Valid among all samples."""
        return self.valid / self.samples

    @property
    def uniqueness(self) -> float:
        """Different among valid samples; 0 when none is valid."""
        return self.unique / max(1, self.valid)

    @property
    def novelty(self) -> float:
        """Novel among valid samples; 0 when none is valid."""
        return self.novel / max(1, self.valid)

    @property
    def absolute_uniqueness(self) -> float:
        """Validity times uniqueness."""
        return self.unique / self.samples

    @property
    def absolute_novelty(self) -> float:
        """Validity times novelty."""
        return self.novel / self.samples

    @property
    def held_out_recall(self) -> float:
        """Held-out cells found; the most that n samples can reach is n / `held_out`."""
        return self.recalled / self.held_out

    def document(self) -> dict[str, float]:
        """Return counts and shares by name."""
        names = ("validity", "uniqueness", "novelty", "absolute_uniqueness", "absolute_novelty", "held_out_recall")
        return asdict(self) | {name: getattr(self, name) for name in names}


class GenerationMetrics:
    """Measures samples of one space against one split; what the split needs is computed once."""

    def __init__(self, space: str, split: CellSplit) -> None:
        self._space = space
        self._strict = canonical_keys(space, split.train), canonical_keys(space, split.held_out)
        self._lenient = published_keys(space, split.train), published_keys(space, split.held_out)

    def strict(self, samples: CellArrays) -> Generated:
        """Return the strict metrics of at least one sample."""
        return _count(canonical_keys(self._space, samples), *self._strict)

    def lenient(self, samples: CellArrays) -> Generated:
        """Return the published metrics of at least one sample."""
        return _count(published_keys(self._space, samples), *self._lenient)


def measure_reconstruction(cells: CellArrays, decoded: CellArrays) -> Reconstructed:
    """Return how much of `cells` is in `decoded`, row by row."""
    is_right_nv = cells.operations_nv == decoded.operations_nv
    starts_p, ends_p = np.triu_indices(cells.operations_nv.shape[1], 1)
    is_right_np = (cells.adjacency_nvv == decoded.adjacency_nvv)[:, starts_p, ends_p]
    exact = is_right_nv.all(1) & is_right_np.all(1)
    return Reconstructed(len(cells), float(exact.mean()), float(is_right_nv.mean()), float(is_right_np.mean()))


def _count(keys_n: NDArray[np.int64], train_t: NDArray[np.int64], held_out_h: NDArray[np.int64]) -> Generated:
    valid_m = keys_n[keys_n != OUTSIDE]
    unique_u = np.unique(valid_m)
    return Generated(
        samples=len(keys_n),
        valid=len(valid_m),
        unique=len(unique_u),
        novel=int((~np.isin(valid_m, train_t)).sum()),
        held_out=len(held_out_h),
        recalled=int(np.isin(unique_u, held_out_h).sum()),
    )
