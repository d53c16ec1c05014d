"""From a task to arrays: resolves the data set, decodes it once and cuts it as the task's protocol says."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from archwright.errors import DataError, UsageError
from archwright.evaluation.data.cache import Contents, Decoded, open_decoded
from archwright.evaluation.data.download import Progress
from archwright.evaluation.data.formats import FORMATS
from archwright.evaluation.data.images import Allocate, write_images
from archwright.evaluation.data.resolve import Found, resolve
from archwright.evaluation.data.sources import SplitName
from archwright.evaluation.data.splits import size_of_fraction, stratified_order
from archwright.task import DataSpec, Protocol, Task

OWN_TEST_PARTS = 5
"""One in so many images becomes the test split of a data set that has none."""
VALIDATION_PARTS = 10
"""One in so many training images is for validation unless data.validation_size says otherwise."""


MAX_IMAGE_SIZE = 1024


@dataclass(frozen=True, eq=False)
class Split:
    """Images with their labels; both are read-only."""

    images: NDArray[np.uint8]
    """uint8 (N, C, H, W), memory-mapped."""
    labels: NDArray[Any]
    """int64 (N,), classes from 0; or uint8 (N, C, H, W), the images to predict (`DataSpec.target`)."""

    def __len__(self) -> int:
        return len(self.labels)


@dataclass(frozen=True, eq=False)
class TaskData:
    """What a search may see of a data set."""

    spec: DataSpec
    mean: tuple[float, ...]
    """Per channel, for images scaled to [0, 1]."""
    std: tuple[float, ...]
    train: Split
    validation: Split
    normalisation: str = "computed"
    """`published` constants, or `computed` over the whole training set (the published ones are as well)."""


def load_task_data(task: Task, on_progress: Progress | None = None) -> TaskData:
    """Return the images `task` trains and selects on; the same for every study, whatever its seed.

    Protocol `holdout`: both parts come from the training set and the test split is not opened. Protocol `lemur`:
    validation is the official test split. Smaller sizes are subsets of larger ones.
    Raises DataError when the data cannot be had or read, UsageError for sizes it does not have.
    """
    _check_image_size(task)
    found = resolve(task, on_progress)
    decoded = _open(found, SplitName.TRAIN, task.data.image_size)
    total = len(decoded.labels)
    if task.data.protocol is Protocol.HOLDOUT:
        held_out = task.data.validation_size or size_of_fraction(total, VALIDATION_PARTS)
        if held_out >= total:
            raise UsageError(
                f"data.validation_size = {held_out:,} leaves no training image of the {total:,}",
                f"set it to at most {total - 1:,}",
            )
        left = total - held_out
        validation = _cut(decoded, slice(left, total))
    else:
        left = total
        test = _open(found, SplitName.TEST, task.data.image_size)
        size = _checked_size("data.validation_size", task.data.validation_size, len(test.labels), "the test split has")
        validation = _cut(test, slice(0, size))
    train_size = _checked_size("data.train_size", task.data.train_size, left, "the split leaves for training")
    published = found.entry.normalisation if found.entry else None
    is_published = published is not None and len(published.mean) == decoded.images.shape[1]
    return TaskData(
        spec=_spec(task.name, found, decoded),
        mean=published.mean if published and is_published else decoded.manifest.mean,
        std=published.std if published and is_published else decoded.manifest.std,
        train=_cut(decoded, slice(0, train_size)),
        validation=validation,
        normalisation="published" if is_published else "computed",
    )


def load_spec(name: str, on_progress: Progress | None = None) -> DataSpec:
    """Return what a program has to know of the data set called `name`, decoding it when that was never done."""
    found = resolve(Task(name=name), on_progress)
    return _spec(name, found, _open(found, SplitName.TRAIN, 0))


def open_test_split(task: Task, on_progress: Progress | None = None) -> Split:
    """Return the whole test split; only a final evaluation and protocol `lemur` may look at it."""
    _check_image_size(task)
    decoded = _open(resolve(task, on_progress), SplitName.TEST, task.data.image_size)
    return _cut(decoded, slice(0, len(decoded.labels)))


def _check_image_size(task: Task) -> None:
    if task.data.image_size > MAX_IMAGE_SIZE:
        raise UsageError(
            f"data.image_size = {task.data.image_size:,} is more than we resize to",
            f"set it to at most {MAX_IMAGE_SIZE}",
        )


def _checked_size(key: str, wanted: int, limit: int, whose: str) -> int:
    if wanted > limit:
        raise UsageError(
            f"{key} = {wanted:,} is more than the {limit:,} images {whose}", f"set it to at most {limit:,}"
        )
    return wanted or limit


def _cut(decoded: Decoded, rows: slice) -> Split:
    return Split(decoded.images[rows], decoded.labels[rows])


def _open(found: Found, split: SplitName, image_size: int) -> Decoded:
    side = image_size or (found.entry.side if found.entry else 0)
    return open_decoded(found.source, split, side, lambda allocate: _decode(found, split, side, allocate))


def _decode(found: Found, split: SplitName, side: int, allocate: Allocate) -> Contents:
    source = found.source
    form = FORMATS[source.format]
    raw = form.read(source, split if source.test else SplitName.TRAIN)
    if len(raw.labels) == 0:
        raise DataError(f"{source.root} has no images in its {split} split", "give a data set with images")
    class_names = raw.class_names
    if found.entry is not None:
        if len(class_names) != found.entry.classes:
            raise DataError(
                f"{source.root} has {len(class_names)} classes, but {found.entry.name} has {found.entry.classes}",
                "give the data set that belongs there, or its path as the task",
            )
        class_names = found.entry.class_names
    rows = stratified_order(raw.labels)
    test_images = form.count(source, SplitName.TEST) if source.test else size_of_fraction(len(rows), OWN_TEST_PARTS)
    if not source.test:
        cut = len(rows) - test_images
        rows = rows[:cut] if split == SplitName.TRAIN else rows[cut:]
        if len(rows) == 0:
            raise DataError(f"{source.root} has too few images to split ({len(raw.labels)})", "add images")
    encoding = write_images(raw.images, rows, side, allocate)
    return Contents(raw.labels[rows], class_names, encoding, test_images)


def _spec(name: str, found: Found, train: Decoded) -> DataSpec:
    count, channels, height, width = train.images.shape
    return DataSpec(
        name=name,
        title=_title(found, train),
        image_shape=(channels, height, width),
        class_names=train.manifest.class_names,
        train_images=count,
        test_images=train.manifest.test_images,
    )


def _title(found: Found, train: Decoded) -> str:
    """Return the data set's title, which says where this copy is less than the published original."""
    entry = found.entry
    if entry is None:
        return found.source.root.absolute().name
    notes = []
    if entry.is_original_lossless and train.manifest.encoding == "JPEG":
        notes.append("JPEG copy")
    if len(train.labels) != entry.train_images:
        notes.append(f"{len(train.labels):,} of {entry.train_images:,} training images")
    return f"{entry.title} ({', '.join(notes)})" if notes else entry.title
