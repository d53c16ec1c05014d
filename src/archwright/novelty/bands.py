"""Locality-sensitive hashing: which signatures agree on a whole band (section A.1 of the closed-loop paper)."""

from functools import cache

import numpy as np
import numpy.typing as npt

from archwright.novelty.minhash import Signatures
from archwright.novelty.tokens import MULTIPLIER, mixed

RECALL = 0.99
"""Share of pairs at the retrieval threshold that must collide in at least one band."""

RECENT = 1024
"""Signatures that may wait beside the sorted table before they are merged into it; with it, they grow to a tenth."""

BandKeys = npt.NDArray[np.uint64]


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

    New ones wait in a dictionary, so that adding one at a time costs no more than sorting now and then.
    """

    def __init__(self, threshold: float, permutations: int) -> None:
        self._bands, self._rows = choose_bands(threshold, permutations)
        self._keys = np.zeros(0, np.uint64)
        self._numbers = np.zeros(0, np.uint32)
        self._recent: dict[int, list[int]] = {}
        self._waiting: list[BandKeys] = []
        self._sorted = 0
        self._size = 0
        self._powers = MULTIPLIER ** np.arange(self._rows - 1, -1, -1, dtype=np.uint64)
        self._firsts = np.arange(1, self._bands + 1, dtype=np.uint64) * MULTIPLIER ** np.uint64(self._rows)

    def add(self, signatures: Signatures) -> None:
        """Add the rows of `signatures` (n, permutations); they are numbered on from those already there."""
        keys = self._keys_of(signatures)
        self._waiting.append(keys)
        first, self._size = self._size, self._size + len(keys)
        if self._size - self._sorted > max(RECENT, self._sorted // 10):
            self._merge()
        else:
            for number, row in enumerate(keys.tolist(), first):
                for key in row:
                    self._recent.setdefault(key, []).append(number)

    def colliding(self, signature: Signatures) -> npt.NDArray[np.intp]:
        """Return the numbers of the signatures that share a band with `signature` (1, permutations), ascending."""
        keys = self._keys_of(signature)[0]
        left, right = (np.searchsorted(self._keys, keys, side).tolist() for side in ("left", "right"))
        found = [self._numbers[begin:end] for begin, end in zip(left, right, strict=True) if begin < end]
        recent = [number for key in keys.tolist() for number in self._recent.get(key, ())]
        return np.unique(np.concatenate([*found, np.array(recent, np.uint32)])).astype(np.intp)

    def _keys_of(self, signatures: Signatures) -> BandKeys:
        """Return the hash of every band (n, bands): a polynomial over its rows and its number."""
        rows = signatures[:, : self._bands * self._rows].reshape(len(signatures), self._bands, self._rows)
        return mixed((rows * self._powers).sum(axis=2, dtype=np.uint64) + self._firsts)

    def _merge(self) -> None:
        waiting = np.concatenate(self._waiting)
        added = np.arange(self._sorted, self._size, dtype=np.uint32)
        keys = np.concatenate([self._keys, waiting.reshape(-1)])
        numbers = np.concatenate([self._numbers, np.repeat(added, self._bands)])
        order = np.argsort(keys, kind="stable")
        self._keys, self._numbers = keys[order], numbers[order]
        self._sorted = self._size
        self._waiting.clear()
        self._recent.clear()
