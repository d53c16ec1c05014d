"""Reads IDX files, as MNIST and its relatives come: `train-images-idx3-ubyte` and three companions, plain or .gz."""

import gzip
import re
import struct
import zlib
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from archwright.errors import DataError
from archwright.evaluation.data.sources import Format, RawSplit, Source, SplitName

_PREFIXES = {SplitName.TRAIN: "train", SplitName.TEST: "(?:t10k|test)"}
_UNSIGNED_BYTE = 0x08
_COPY_AGAIN = "copy or download that file again"


def find(path: Path) -> Source | None:
    """Return the IDX data set in a folder (or beside a file of it), or None."""
    if path.is_file():
        return find(path.parent) if re.search(r"idx[13]-ubyte(\.gz)?$", path.name) else None
    train, test = (_pair(path, prefix) for prefix in _PREFIXES.values())
    return Source(FORMAT.name, path, train, test) if train else None


def _pair(folder: Path, prefix: str) -> tuple[Path, ...]:
    """Return (images, labels) of a split, or nothing when either is missing."""
    files = sorted(folder.glob("*idx[13]-ubyte*"))
    # The plain file sorts before its .gz, which some tools leave beside it.
    images = [file for file in files if re.fullmatch(rf"{prefix}-images[-.]idx3-ubyte(\.gz)?", file.name)]
    labels = [file for file in files if re.fullmatch(rf"{prefix}-labels[-.]idx1-ubyte(\.gz)?", file.name)]
    return (images[0], labels[0]) if images and labels else ()


def count(source: Source, split: SplitName) -> int:
    """Return the number of labels, from the header."""
    _, labels = source.paths(split)
    with _opened(labels) as file:
        return _read_shape(file, labels, 1)[0]


def read(source: Source, split: SplitName) -> RawSplit:
    """Return the images, grey, and labels of a split; classes are numbered 0 to the highest training label.

    Raises DataError for a file that is truncated, not IDX, or does not match its companion.
    """
    images_file, labels_file = source.paths(split)
    images, labels = _read_array(images_file, 3), _read_array(labels_file, 1).astype(np.int64)
    if len(images) != len(labels):
        raise DataError(f"{images_file} has {len(images)} images, {labels_file} {len(labels)} labels", _COPY_AGAIN)
    train_labels = labels if split == SplitName.TRAIN else _read_array(source.train[1], 1)
    classes = int(train_labels.max()) + 1 if len(train_labels) else 0
    if len(labels) and labels.max() >= classes:
        raise DataError(
            f"{labels_file} has label {labels.max()}; the training labels end at {classes - 1}", _COPY_AGAIN
        )
    return RawSplit(labels, tuple(str(code) for code in range(classes)), images[:, None])


def _read_array(path: Path, dimensions: int) -> NDArray[np.uint8]:
    with _opened(path) as file:
        shape = _read_shape(file, path, dimensions)
        wanted = int(np.prod(shape, dtype=np.int64))
        try:
            data = file.read(wanted + 1)
        except (OSError, EOFError, zlib.error) as error:
            raise _damaged(path, str(error)) from None
    if len(data) != wanted:
        comparison = f"ends after {len(data):,} of {wanted:,} bytes" if len(data) < wanted else "is longer than it says"
        raise _damaged(path, comparison)
    return np.frombuffer(data, dtype=np.uint8).reshape(shape)


def _opened(path: Path) -> BinaryIO:
    try:
        return gzip.open(path, "rb") if path.suffix == ".gz" else path.open("rb")  # type: ignore[return-value]
    except OSError as error:
        raise _damaged(path, str(error)) from None


def _read_shape(file: BinaryIO, path: Path, dimensions: int) -> tuple[int, ...]:
    try:
        header = file.read(4 + 4 * dimensions)
        zero, kind, found, *shape = struct.unpack(f">HBB{dimensions}I", header)
    except (OSError, EOFError, zlib.error, struct.error) as error:
        raise _damaged(path, str(error)) from None
    if (zero, kind, found) != (0, _UNSIGNED_BYTE, dimensions):
        raise _damaged(path, f"it does not begin like {dimensions}-dimensional unsigned bytes")
    return tuple(shape)


def _damaged(path: Path, reason: str) -> DataError:
    return DataError(f"{path} is not an IDX file we can read ({reason})", _COPY_AGAIN)


FORMAT = Format("IDX", find, count, read)
