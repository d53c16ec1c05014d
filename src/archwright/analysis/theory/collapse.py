"""Whether what is written narrows to a few architectures (statement 5)."""

from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from archwright.analysis.intervals import Interval, wilson

Similarities = NDArray[np.float64]
"""(N, N) in [0, 1], symmetric, 1 on the diagonal."""


@dataclass(frozen=True, slots=True)
class Variety:
    """How different the architectures of one cycle are."""

    n: int
    distinct: int
    mean_similarity: float | None
    """Of two different candidates; None for fewer than two."""
    effective: float
    """Effective number of distinct architectures, 1 to `distinct`."""
    largest: int
    """Candidates that are the most frequent architecture."""

    @property
    def largest_interval(self) -> Interval:
        """Wilson interval of the probability of the most frequent architecture; 1 would be a point mass."""
        return wilson(self.largest, self.n)

    @property
    def effective_share(self) -> float:
        """Effective number over candidates; near 1 when all differ in everything."""
        return self.effective / self.n if self.n else 0.0


def effective_number(similarities: Similarities) -> float:
    """Return exp(- mean log (Z p)_i) for p uniform: the diversity of order 1 of Leinster and Cobbold (2012).

    N copies count as one architecture, N without anything in common as N.
    """
    return float(np.exp(-np.log(similarities.mean(axis=1)).mean())) if len(similarities) else 0.0


def measure_variety(identities: Sequence[Hashable], similarities: Similarities) -> Variety:
    """Return the variety of candidates with these `identities` (equal for equal architectures)."""
    n, counts = len(identities), Counter(identities)
    pairs = n * (n - 1)
    return Variety(
        n,
        len(counts),
        float((similarities.sum() - np.trace(similarities)) / pairs) if pairs else None,
        effective_number(similarities),
        max(counts.values(), default=0),
    )
