"""Locality-sensitive hashing: which signatures agree on a whole band (section A.1 of the closed-loop paper)."""

from functools import cache

import numpy as np
import numpy.typing as npt

from archwright.novelty.minhash import Signatures
from archwright.novelty.tokens import MULTIPLIER, mixed

RECALL = 0.99
"""Share of pairs at the retrieval threshold that must collide in at least one band."""

RECENT = 1024
"""Signatures that may wait beside the sorted table before they are merged into it."""

Keys = npt.NDArray[np.uint64]


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


class BandTable:
    """Numbers of signatures by the bands they hold, in one sorted array: 12 bytes a band.

    New ones wait in a short unsorted block, so that adding one at a time costs no more than sorting now and then.
    """

    def __init__(self, threshold: float, permutations: int) -> None:
        self._bands, self._rows = choose_bands(threshold, permutations)
        self._keys = np.zeros(0, np.uint64)
        self._numbers = np.zeros(0, np.uint32)
        self._recent = np.zeros((0, self._bands), np.uint64)
        self._waiting = 0
        self._size = 0

    def add(self, signatures: Signatures) -> None:
        """Add the rows of `signatures` (n, permutations); they are numbered on from those already there."""
        needed = self._waiting + len(signatures)
        if needed > len(self._recent):
            grown = np.zeros((max(needed, 2 * len(self._recent), 16), self._bands), np.uint64)
            grown[: self._waiting] = self._recent[: self._waiting]
            self._recent = grown
        self._recent[self._waiting : needed] = self._keys_of(signatures)
        self._waiting = needed
        if needed > max(RECENT, self._size // 4):
            self._merge()

    def colliding(self, signature: Signatures) -> npt.NDArray[np.intp]:
        """Return the numbers of the signatures that share a band with `signature` (1, permutations), ascending."""
        keys = self._keys_of(signature)[0]
        left, right = (np.searchsorted(self._keys, keys, side) for side in ("left", "right"))
        found = [self._numbers[begin:end] for begin, end in zip(left, right, strict=True) if begin < end]
        recent = np.flatnonzero((self._recent[: self._waiting] == keys).any(axis=1)) + self._size
        return np.unique(np.concatenate([*found, recent])).astype(np.intp)

    def _keys_of(self, signatures: Signatures) -> Keys:
        rows = signatures[:, : self._bands * self._rows].reshape(len(signatures), self._bands, self._rows)
        keys = np.broadcast_to(np.arange(1, self._bands + 1, dtype=np.uint64), rows.shape[:2]).copy()
        for number in range(self._rows):
            keys = keys * MULTIPLIER + rows[:, :, number]
        return mixed(keys)

    def _merge(self) -> None:
        added = np.arange(self._size, self._size + self._waiting, dtype=np.uint32)
        keys = np.concatenate([self._keys, self._recent[: self._waiting].reshape(-1)])
        numbers = np.concatenate([self._numbers, np.repeat(added, self._bands)])
        order = np.argsort(keys, kind="stable")
        self._keys, self._numbers = keys[order], numbers[order]
        self._size += self._waiting
        self._waiting = 0
        self._recent = np.zeros((0, self._bands), np.uint64)
