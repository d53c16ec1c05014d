"""Reads SVHN's cropped digits: MATLAB files `train_32x32.mat` and `test_32x32.mat`; their label 10 is the digit 0."""

import zlib
from pathlib import Path

import numpy as np

from archwright.evaluation.data.labels import check_labels
from archwright.evaluation.data.sources import Format, RawSplit, Source, SplitName, unreadable

_KIND = "an SVHN file"


def find(path: Path) -> Source | None:
    """Return SVHN in a folder (or beside a file of it), or None."""
    if path.is_file():
        return find(path.parent) if path.name in ("train_32x32.mat", "test_32x32.mat") else None
    train, test = path / "train_32x32.mat", path / "test_32x32.mat"
    if not train.is_file():
        return None
    return Source(FORMAT.name, path, (train,), (test,) if test.is_file() else ())


def read(source: Source, split: SplitName) -> RawSplit:
    """Return the images and labels of a split; raises DataError for a damaged file."""
    from scipy.io import loadmat
    from scipy.io.matlab import MatReadError

    (path,) = source.paths(split)
    try:
        contents = loadmat(path, variable_names=("X", "y"))
        pixels, labels = contents["X"], contents["y"].ravel().astype(np.int64)
    except (OSError, ValueError, TypeError, KeyError, EOFError, NotImplementedError, zlib.error, MatReadError) as error:
        raise unreadable(path, _KIND, error) from None
    if pixels.dtype != np.uint8 or pixels.ndim != 4 or pixels.shape[2:] != (3, len(labels)):
        raise unreadable(path, _KIND, f"images are {pixels.dtype} {pixels.shape} for {len(labels)} labels")
    labels[labels == 10] = 0
    check_labels(labels, 10, path)
    # Stored height, width, channel, image.
    return RawSplit(labels, tuple(str(digit) for digit in range(10)), pixels.transpose(3, 2, 0, 1))


FORMAT = Format("SVHN", find, read)
