"""What a reader of a data format hands on: where a data set lies (`Source`) and one split of it (`RawSplit`).

A format is one file beside this one with a `FORMAT` in it, registered in `formats.py`. A reader gives the labels at
once and the images either as one array or, when they are compressed files, one by one, so that nothing is decoded that
nobody asked for.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from archwright.errors import DataError


class SplitName(StrEnum):
    """The official splits of a data set."""

    TRAIN = "train"
    TEST = "test"


@dataclass(frozen=True, slots=True)
class Source:
    """Where one data set lies, recognised but not read."""

    format: str
    root: Path
    """The folder or file that messages name."""
    train: tuple[Path, ...]
    test: tuple[Path, ...]
    """Empty when there is no test split; then one is split off the training images."""

    def paths(self, split: SplitName) -> tuple[Path, ...]:
        """Return the files or folders of `split`."""
        return self.train if split == SplitName.TRAIN else self.test


@dataclass(frozen=True, slots=True)
class EncodedImages:
    """Images as PNG, JPEG ... bytes."""

    count: int
    read: Callable[[], Iterator[tuple[int, str, bytes]]]
    """Yields (row, where it is, its bytes) of every image, in the order that is quickest; can be called again."""


@dataclass(frozen=True, slots=True)
class RawSplit:
    """One split as its source has it, in the source's order."""

    labels: NDArray[np.int64]
    class_names: tuple[str, ...]
    images: NDArray[np.uint8] | EncodedImages
    """uint8 (N, C, H, W), or the compressed files."""


@dataclass(frozen=True, slots=True)
class Format:
    """One way data sets are stored: how to recognise, count and read it."""

    name: str
    find: Callable[[Path], Source | None]
    """The data set at a path, or None when it is not in this format; looks at names only."""
    count: Callable[[Source, SplitName], int]
    """How many images a split has, without reading one."""
    read: Callable[[Source, SplitName], RawSplit]


def check_labels(labels: NDArray[np.int64], classes: int, where: Path) -> None:
    """Raise DataError when a label of `where` is not in [0, classes)."""
    if len(labels) and (labels.min() < 0 or labels.max() >= classes):
        worst = int(labels.max()) if labels.max() >= classes else int(labels.min())
        row = int(np.flatnonzero(labels == worst)[0])
        raise DataError(
            f"{where}: image {row} has label {worst}, but there are {classes} classes (0 to {classes - 1})",
            "correct the labels or the class names of that file",
        )
