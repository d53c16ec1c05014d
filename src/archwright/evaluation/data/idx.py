"""Reads IDX files, as MNIST and its relatives come: `train-images-idx3-ubyte` and three companions, plain or .gz.

EMNIST's names begin with the set they belong to (`emnist-letters-train-images-idx3-ubyte.gz`); a folder with several
sets is asked about, and any file of a set names it.
"""

import gzip
import math
import re
import struct
import zlib
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from archwright.errors import DataError
from archwright.evaluation.data.labels import encode_labels, name_classes
from archwright.evaluation.data.sources import COPY_AGAIN, Format, RawSplit, Source, SplitName, listed, unreadable
from archwright.evaluation.data.tree import files_in, folders_in

_NAME = re.compile(r"(?P<set>.*?)(?P<split>train|t10k|test)-(?P<kind>images|labels)[-.]idx[13]-ubyte(\.gz)?", re.I)
_UNSIGNED_BYTE = 0x08
_KIND = "an IDX file"


def find(path: Path) -> Source | None:
    """Return the IDX data set in a folder (or that of a file in it), or None.

    Raises DataError for a folder with several sets of files.
    """
    if path.is_file():
        match = _NAME.fullmatch(path.name)
        return _find(path.parent, match["set"]) if match else None
    sets: dict[str, Path] = {}
    for file in _files(path):
        if match := _NAME.fullmatch(file.name):
            sets.setdefault(match["set"], file)
    found = {name: source for name in sets if (source := _find(path, name))}
    if len(found) > 1:
        raise DataError(
            f"{path} holds several sets of IDX files",
            f"name a file of one of them as the task: {listed([source.train[0] for source in found.values()])}",
        )
    return next(iter(found.values()), None)


def _files(folder: Path) -> list[Path]:
    """Return the files in a folder, then those in folders that are called as they are, as some tools unpack them."""
    inside = [file for child in folders_in(folder) if _NAME.fullmatch(child.name) for file in files_in(child)]
    return [*files_in(folder), *inside]


def _find(folder: Path, name: str) -> Source | None:
    files: dict[tuple[str, str], Path] = {}
    # The plain file sorts before its .gz, which some tools leave beside it.
    for file in _files(folder):
        match = _NAME.fullmatch(file.name)
        if match and match["set"] == name:
            split = "train" if match["split"].lower() == "train" else "test"
            files.setdefault((split, match["kind"].lower()), file)
    train, test = (
        (files[split, "images"], files[split, "labels"])
        if (split, "images") in files and (split, "labels") in files
        else ()
        for split in ("train", "test")
    )
    notes = tuple(
        f"{files['test', kind].name} is not used, as its companion of {other} is not there"
        for kind, other in (("images", "labels"), ("labels", "images"))
        if not test and ("test", kind) in files
    )
    return Source(FORMAT.name, folder, train, test, notes) if train else None


def read(source: Source, split: SplitName) -> RawSplit:
    """Return the images, grey, and labels of a split; its classes are the numbers that training labels use.

    Raises DataError for a file that is truncated, not IDX, or does not match its companion.
    """
    images_file, labels_file = source.paths(split)
    images, labels = _read_array(images_file, 3), _read_array(labels_file, 1).astype(np.int64)
    if len(images) != len(labels):
        raise DataError(f"{images_file} has {len(images)} images, {labels_file} {len(labels)} labels", COPY_AGAIN)
    train_labels = labels if split == SplitName.TRAIN else _read_array(source.train[1], 1).astype(np.int64)
    names = name_classes(train_labels, source.train[1])
    return RawSplit(encode_labels(labels, names, labels_file, split), names, images[:, None])


GZIP_FACTOR = 1_100
"""How many times its size a gzip file can hold: deflate reaches 1,032."""


def _read_array(path: Path, dimensions: int) -> NDArray[np.uint8]:
    is_packed = _begins(path).startswith(b"\x1f\x8b")  # Some tools unpack a file and leave it its name.
    with gzip.open(path, "rb") if is_packed else path.open("rb") as file:
        shape = _read_shape(file, path, dimensions)
        wanted, size = math.prod(shape), path.stat().st_size
        if wanted > size * (GZIP_FACTOR if is_packed else 1):
            raise unreadable(path, _KIND, f"it has {size:,} bytes, which cannot hold the {wanted:,} of its header")
        try:
            data = file.read(wanted + 1)
        except (OSError, EOFError, zlib.error) as error:
            raise unreadable(path, _KIND, error) from None
    if len(data) != wanted:
        comparison = f"ends after {len(data):,} of {wanted:,} bytes" if len(data) < wanted else "is longer than it says"
        raise unreadable(path, _KIND, comparison)
    return np.frombuffer(data, dtype=np.uint8).reshape(shape)


def _begins(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(2)
    except OSError as error:
        raise unreadable(path, _KIND, error) from None


def _read_shape(file: BinaryIO | gzip.GzipFile, path: Path, dimensions: int) -> tuple[int, ...]:
    try:
        header = file.read(4 + 4 * dimensions)
        zero, kind, found, *shape = struct.unpack(f">HBB{dimensions}I", header)
    except (OSError, EOFError, zlib.error, struct.error) as error:
        raise unreadable(path, _KIND, error) from None
    if (zero, kind, found) != (0, _UNSIGNED_BYTE, dimensions):
        raise unreadable(path, _KIND, f"it does not begin like {dimensions}-dimensional unsigned bytes")
    return tuple(shape)


FORMAT = Format("IDX", find, read)
