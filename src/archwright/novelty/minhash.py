"""MinHash signatures (section A.1 of the closed-loop paper)."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from archwright.novelty.tokens import Shingles

Signatures = npt.NDArray[np.uint32]
"""One row a set, one minimum for each permutation."""

_SEED = 1


def signatures(sets: Sequence[Shingles], permutations: int) -> Signatures:
    """Return one signature a row, the same on every machine; no set may be empty.

    The share of equal positions of two rows estimates their Jaccard similarity J with standard error
    sqrt(J (1 - J) / permutations).
    """
    from rensa import RMinHash

    flat = np.concatenate(sets) if sets else np.zeros(0, np.uint64)
    offsets = np.cumsum([0, *(len(hashes) for hashes in sets)], dtype=np.uint64)
    rows = RMinHash.digest_matrix_from_flat_token_hashes(flat, offsets, permutations, _SEED).to_rows()
    return np.asarray(rows, np.uint32).reshape(len(sets), permutations)
