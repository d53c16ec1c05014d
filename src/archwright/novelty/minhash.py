"""MinHash signatures and the choice of LSH bands (section A.1 of the closed-loop paper)."""

from collections.abc import Sequence
from functools import cache

import numpy as np
import numpy.typing as npt

from archwright.novelty.tokens import Shingles

Signature = npt.NDArray[np.uint32]
"""One minimum for each permutation."""

RECALL = 0.99
"""Share of pairs at the retrieval threshold that must collide in at least one band."""

_SEED = 1


def signatures(sets: Sequence[Shingles], permutations: int) -> npt.NDArray[np.uint32]:
    """Return one signature a row, the same on every machine; no set may be empty.

    The share of equal positions of two rows estimates their Jaccard similarity J with standard error
    sqrt(J (1 - J) / permutations).
    """
    from rensa import RMinHash

    flat = np.concatenate(sets) if sets else np.zeros(0, np.uint64)
    offsets = np.cumsum([0, *(len(hashes) for hashes in sets)], dtype=np.uint64)
    rows = RMinHash.digest_matrix_from_flat_token_hashes(flat, offsets, permutations, _SEED).to_rows()
    return np.asarray(rows, np.uint32).reshape(len(sets), permutations)


@cache
def choose_bands(threshold: float, permutations: int) -> tuple[int, int]:
    """Return (bands, rows per band): the most selective bands that find `RECALL` of the pairs at `threshold`.

    A pair of similarity J collides with probability 1 - (1 - J^rows)^bands.
    """
    for rows in range(permutations, 0, -1):
        bands = permutations // rows
        if 1 - (1 - threshold**rows) ** bands >= RECALL:
            return bands, rows
    return permutations, 1
