"""Reads the 1,797 handwritten digits that come with scikit-learn: 8 x 8, grey, no split of their own.

Their file is read without importing scikit-learn, which brings pandas and scipy.stats and takes longer than a search of
a few candidates: a line of it is 64 brightnesses and the digit.
"""

import gzip
from importlib import util
from pathlib import Path

import numpy as np

from archwright.errors import DataError
from archwright.evaluation.data.sources import Format, RawSplit, Source, SplitName

FILE = Path("datasets", "data", "digits.csv.gz")
SIDE = 8
BRIGHTEST = 16


def find(path: Path) -> Source | None:
    """Return None: this data set is part of a package and lies at no path."""
    return None


def installed() -> Source | None:
    """Return the data set, or None where scikit-learn is not installed; does not import it."""
    package = util.find_spec("sklearn")
    if package is None or package.origin is None:
        return None
    folder = Path(package.origin).parent
    return Source(FORMAT.name, folder, (folder / FILE,), ()) if (folder / FILE).exists() else None


def read(source: Source, split: SplitName) -> RawSplit:
    """Return the digits with brightness 0-16 stretched to 0-255."""
    if split != SplitName.TRAIN:
        raise DataError("digits have no official test split", "use the one split off the training images")
    with gzip.open(source.train[0], "rt", encoding="ascii") as lines:
        table = np.loadtxt(lines, delimiter=",", dtype=np.int64)
    pixels, digits = table[:, :-1].reshape(-1, 1, SIDE, SIDE), table[:, -1]
    images = np.rint(pixels * (255 / BRIGHTEST)).astype(np.uint8)
    return RawSplit(digits, tuple(str(digit) for digit in range(10)), images)


FORMAT = Format("scikit-learn", find, read)
