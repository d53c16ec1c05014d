"""Counts the images of the test split that are among the training images, without decoding one.

By the bytes of their files or numbers: a copy that was stored anew is another image here.
"""

import hashlib
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from archwright.evaluation.data.sources import EncodedImages

Images = NDArray[Any] | EncodedImages


def count_shared(train: Images, train_rows: NDArray[np.int64], test: Images, test_rows: NDArray[np.int64]) -> int:
    """Return how many of the rows of `test` are the same as one of the rows of `train`; memory is 16 bytes a row."""
    seen = set(_digests(train, train_rows))
    return sum(digest in seen for digest in _digests(test, test_rows))


def _digests(images: Images, rows: NDArray[np.int64]) -> Iterator[bytes]:
    if not isinstance(images, EncodedImages):
        yield from (_digest(np.ascontiguousarray(images[row]).tobytes()) for row in rows)
        return
    wanted = np.zeros(images.count, dtype=bool)
    wanted[rows] = True
    for row, _, data in images.read():
        if row < len(wanted) and wanted[row] and isinstance(data, bytes):
            yield _digest(data)


def _digest(data: bytes) -> bytes:
    return hashlib.blake2b(data, digest_size=16).digest()
