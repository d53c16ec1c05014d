"""Stratified splits that depend on the labels alone: fixed, nested and the same on every machine.

`stratified_order` sorts a data set once so that every prefix and every suffix has each class in proportion. Training
images are then a prefix and validation images a suffix: a smaller training set is part of every larger one, changing
one size never changes the other part, and both are plain slices of one memory-mapped file.
"""

import numpy as np
from numpy.typing import NDArray

# Of our own choosing, and part of the definition of every split: never a study's seed.
SPLIT_SEED = 20260


def stratified_order(labels: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return a permutation of the rows of `labels` in which every class is spread evenly from front to back.

    With n_c of N rows in class c, a prefix of n rows holds n * n_c / N of them up to a few; with equal classes and n
    a multiple of their number, exactly. The image of a class that has no other comes first.
    """
    # RandomState's stream is frozen by numpy's compatibility policy; Generator's may change between releases.
    random = np.random.RandomState(SPLIT_SEED)
    classes, codes = np.unique(labels, return_inverse=True)
    # Classes start at evenly spaced phases, else the first images of all equally rare classes come in one run.
    phases = (random.permutation(len(classes)) + 0.5) / max(len(classes), 1)
    keys = np.empty(len(labels), dtype=np.float64)
    for code in range(len(classes)):
        rows = np.flatnonzero(codes == code)
        keys[rows[random.permutation(len(rows))]] = (np.arange(len(rows)) + phases[code]) / len(rows)
        if len(rows) == 1:
            # It can be learned or be asked for, and there is nothing to ask about what was never learned.
            keys[rows] = -1
    return np.argsort(keys, kind="stable").astype(np.int64)


def size_of_fraction(total: int, parts: int) -> int:
    """Return the size of one of `parts` equal parts of `total` images, at least one image."""
    return max(total // parts, 1)
