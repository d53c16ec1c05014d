"""Reads the 1,797 handwritten digits that come with scikit-learn: 8 x 8, grey, no split of their own."""

from importlib import util
from pathlib import Path

import numpy as np

from archwright.errors import DataError
from archwright.evaluation.data.sources import Format, RawSplit, Source, SplitName

BRIGHTEST = 16


def find(path: Path) -> Source | None:
    """Return None: this data set is part of a package and lies at no path."""
    return None


def installed() -> Source | None:
    """Return the data set, or None where scikit-learn is not installed; does not import it."""
    package = util.find_spec("sklearn")
    if package is None or package.origin is None:
        return None
    return Source(FORMAT.name, Path(package.origin).parent, (Path(package.origin),), ())


def read(source: Source, split: SplitName) -> RawSplit:
    """Return the digits with brightness 0-16 stretched to 0-255."""
    from sklearn.datasets import load_digits

    if split != SplitName.TRAIN:
        raise DataError("digits have no official test split", "use the one split off the training images")
    digits = load_digits()
    images = np.rint(digits.images * (255 / BRIGHTEST)).astype(np.uint8)[:, None]
    return RawSplit(digits.target.astype(np.int64), tuple(str(digit) for digit in range(10)), images)


FORMAT = Format("scikit-learn", find, read)
