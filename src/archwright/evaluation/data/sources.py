"""What a reader of a data format hands on: where a data set lies (`Source`) and one split of it (`RawSplit`).

A format is one file beside this one with a `FORMAT` in it, registered in `formats.py`. A reader gives the labels at
once and the images either as one array or, when they are compressed files, one by one, so that nothing is decoded that
nobody asked for.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from archwright.errors import DataError

COPY_AGAIN = "copy or download that file again"


class SplitName(StrEnum):
    """The official splits of a data set."""

    TRAIN = "train"
    TEST = "test"


@dataclass(frozen=True, slots=True)
class Reading:
    """The options of `data` that decide which images and labels a source has."""

    image_column: str = ""
    label_column: str = ""
    skip_corrupt: bool = False


@dataclass(frozen=True, slots=True)
class Source:
    """Where one data set lies, recognised but not read."""

    format: str
    root: Path
    """The folder or file that messages name."""
    train: tuple[Path, ...]
    test: tuple[Path, ...]
    """Empty when there is no test split; then one is split off the training images."""
    notes: tuple[str, ...] = ()
    """What lies there and is not used."""
    reading: Reading = Reading()

    def paths(self, split: SplitName) -> tuple[Path, ...]:
        """Return the files or folders of `split`."""
        return self.train if split == SplitName.TRAIN else self.test


Encoded = tuple[int, str, bytes | str]
"""Row of an image, where it is, and its bytes or why there are none."""


@dataclass(frozen=True, slots=True)
class EncodedImages:
    """Images as PNG, JPEG ... bytes."""

    count: int
    read: Callable[[], "Iterator[Encoded]"]
    """Yields every image once; can be called again."""


@dataclass(frozen=True, slots=True)
class RawSplit:
    """One split as its source has it, in the source's order."""

    labels: NDArray[np.int64]
    class_names: tuple[str, ...]
    images: NDArray[Any] | EncodedImages
    """Numbers (N, C, H, W), or the compressed files."""
    notes: tuple[str, ...] = ()
    """What was left out."""


@dataclass(frozen=True, slots=True)
class Format:
    """One way data sets are stored: how to recognise and read it."""

    name: str
    find: Callable[[Path], Source | None]
    """The data set at a path, or None when it is not in this format; raises DataError when it is and is incomplete."""
    read: Callable[[Source, SplitName], RawSplit]
    has_columns: bool = False
    """Whether `data.image_column` and `data.label_column` mean something."""


def from_files(files: Sequence[Path]) -> EncodedImages:
    """Return images that are files of their own."""

    def read() -> Iterator[Encoded]:
        for row, path in enumerate(files):
            try:
                data: bytes | str = path.read_bytes()
            except OSError as error:
                data = error.strerror or str(error)
            yield row, str(path), data

    return EncodedImages(len(files), read)


POINTER = b"version https://git-lfs"
"""How a file begins whose contents Git LFS keeps elsewhere."""


def unreadable(file: Path, kind: str, reason: object, remedy: str = COPY_AGAIN) -> DataError:
    """Return the error for a file that is not of the `kind` that its name says."""
    said = str(reason).partition("\n")[0] or type(reason).__name__
    if is_pointer(file):
        return pointer(file)
    return DataError(f"{file} is not {kind} we can read ({said})", remedy)


def is_pointer(file: Path) -> bool:
    """Return whether a file only says where Git LFS keeps it."""
    with suppress(OSError), file.open("rb") as opened:
        return opened.read(len(POINTER)) == POINTER
    return False


def pointer(file: Path) -> DataError:
    """Return the error for a file of Git LFS that was not fetched."""
    return DataError(f"{file} is a pointer of Git LFS, not the file itself", "run `git lfs pull` where the data set is")


def listed(things: Sequence[object], most: int = 10) -> str:
    """Return the first of `things` with commas, and how many more there are."""
    rest = f" and {len(things) - most:,} more" if len(things) > most else ""
    return ", ".join(str(thing) for thing in things[:most]) + rest
