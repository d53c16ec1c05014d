"""The permutation test of section 4.4: does a sequence of codes mean what it does because of its order?"""

from dataclasses import dataclass

import numpy as np

from archwright.cells.decoding import KeysOf
from archwright.cells.priors.prior import Codes

PERMUTATIONS = 100
"""Of each sequence, as published."""


@dataclass(frozen=True, slots=True)
class PermutationTest:
    """Counts of sequences; the paper has 47 of 1,000 with a duplicate, and does not say which permutations count."""

    sequences: int
    """Those that decode to a cell of the space."""
    permutations: int
    """Of each."""
    with_duplicate: int
    """Lenient: some permutation decodes to the same cell, be it one that leaves the sequence as it is."""
    with_other_duplicate: int
    """Strict: some permutation that is another sequence decodes to the same cell."""


def permutation_test(codes_nv: Codes, keys: KeysOf, *, seed: int, permutations: int = PERMUTATIONS) -> PermutationTest:
    """Return how many of the sequences (N, V) have a permutation, of so many at random, that decodes to their cell."""
    own_n = keys(codes_nv)
    codes_nv, own_n = codes_nv[own_n >= 0], own_n[own_n >= 0]
    copies_npv = np.repeat(codes_nv[:, None], permutations, axis=1)
    permuted_npv = np.random.default_rng(seed).permuted(copies_npv, axis=2)
    keys_np = keys(permuted_npv.reshape(-1, codes_nv.shape[1])).reshape(len(codes_nv), permutations)
    is_same_np = keys_np == own_n[:, None]
    is_other_np = (permuted_npv != copies_npv).any(2)
    return PermutationTest(
        sequences=len(codes_nv),
        permutations=permutations,
        with_duplicate=int(is_same_np.any(1).sum()),
        with_other_duplicate=int((is_same_np & is_other_np).any(1).sum()),
    )
