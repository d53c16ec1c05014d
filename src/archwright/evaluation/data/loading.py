"""From a task to arrays: resolves the data set, decodes it once and cuts it as the task's protocol says."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from archwright.errors import DataError, UsageError
from archwright.evaluation.data import tables
from archwright.evaluation.data.cache import Contents, Decoded, open_decoded
from archwright.evaluation.data.download import OnDownloaded
from archwright.evaluation.data.formats import FORMATS
from archwright.evaluation.data.images import Allocate, Layout, check_scale, find_corrupt, write_images
from archwright.evaluation.data.remarks import remarks_on_images, remarks_on_splits
from archwright.evaluation.data.resolve import FoundData, resolve
from archwright.evaluation.data.sources import (
    EncodedImages,
    Format,
    RawSplit,
    Reading,
    Source,
    SplitName,
    listed,
)
from archwright.evaluation.data.splits import size_of_fraction, stratified_order
from archwright.task import DataOptions, DataSpec, SplitProtocol, Task
from archwright.untrusted import storable

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


def load_task_data(task: Task, on_progress: OnDownloaded | None = None) -> TaskData:
    """Return the images `task` trains and selects on; the same for every study, whatever its seed.

    Protocol `holdout`: both parts come from the training set and the test split is not opened. Protocol `lemur`:
    validation is the official test split. Smaller sizes are subsets of larger ones.
    Raises DataError when the data cannot be had or read, UsageError for sizes it does not have.
    """
    _check_image_size(task)
    found = resolve(task, on_progress)
    decoded = _open(found, SplitName.TRAIN, task.data)
    total = len(decoded.labels)
    if task.data.protocol is SplitProtocol.HOLDOUT:
        if total < 2:
            raise DataError(
                f"{found.source.root} has {total} image besides its test split, to learn from and to validate on",
                "add images",
            )
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
        test = _open(found, SplitName.TEST, task.data)
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


def load_spec(name: str, options: DataOptions | None = None) -> DataSpec:
    """Return what a program has to know of the data set called `name`, decoding it when that was never done."""
    task = Task(name=name, data=options or DataOptions())
    _check_image_size(task)
    found = resolve(task)
    return _spec(name, found, _open(found, SplitName.TRAIN, task.data))


def open_test_split(task: Task) -> Split:
    """Return the whole test split; only a final evaluation and protocol `lemur` may look at it."""
    _check_image_size(task)
    decoded = _open(resolve(task), SplitName.TEST, task.data)
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


def _open(found: FoundData, split: SplitName, options: DataOptions) -> Decoded:
    form = FORMATS[found.source.format]
    for option in ("image_column", "label_column"):
        if getattr(options, option) and not form.has_columns:
            raise UsageError(
                f"data.{option} means nothing for {found.source.root}, which is read as {form.name}", "leave it out"
            )
    reading = Reading(options.image_column, options.label_column, options.skip_corrupt)
    source = replace(found.source, reading=reading)
    side = options.image_size or (found.entry.side if found.entry else 0)
    layout = None
    if split is SplitName.TEST:
        # What is tested looks like what was learned from, whatever its files look like.
        train = _open(found, SplitName.TRAIN, options)
        _, channels, height, width = train.manifest.shape
        layout = Layout(channels, height, width, train.manifest.white)
    with found.naming():
        return open_decoded(source, split, side, lambda allocate: _decode(found, source, split, side, layout, allocate))


def _decode(
    found: FoundData, source: Source, split: SplitName, side: int, layout: Layout | None, allocate: Allocate
) -> Contents:
    form = FORMATS[source.format]
    raw = form.read(source, split if source.test else SplitName.TRAIN)
    if len(raw.labels) == 0:
        raise DataError(f"{source.root} has no images in its {split} split", "give a data set with images")
    labels, class_names = _named(raw, found)
    rows, notes = np.arange(len(labels)), [*source.notes, *raw.notes]
    if source.reading.skip_corrupt and isinstance(raw.images, EncodedImages):
        corrupt = find_corrupt(raw.images)
        rows = np.setdiff1d(rows, np.array(sorted(corrupt), dtype=np.int64))
        if not len(rows):
            raise DataError(
                f"{source.root}: none of the {len(labels):,} images of the {split} split can be read: "
                f"{listed(list(corrupt.values()))}",
                "correct or replace them",
            )
        if corrupt:
            notes.append(f"{len(corrupt):,} images cannot be read and are left out: {listed(list(corrupt.values()))}")
    order = rows[stratified_order(labels[rows])]
    held_out = order[:0]
    if not source.test:
        cut = len(order) - size_of_fraction(len(order), OWN_TEST_PARTS)
        order, held_out = order[:cut], order[cut:]
    test = raw
    if split is SplitName.TRAIN:
        if source.test:
            test = _read_test_split(form, source)
            held_out = np.arange(len(test.labels))
        notes += remarks_on_splits(raw, order, test, held_out)
    elif not source.test:
        order = held_out
    if len(order) == 0:
        raise DataError(
            f"{source.root} has too few images to split ({len(rows)})", "add images, or correct those it has"
        )
    if split is SplitName.TRAIN:
        _check_classes(source, labels[rows], class_names)
    # Else images of its own test split would be found to be damaged after the search.
    checks_all = not source.test and not source.reading.skip_corrupt
    written = write_images(raw.images, order, side, allocate, layout=layout, checks_all=checks_all, where=source.root)
    if test is not raw:
        check_scale(test.images, written.white, source.root)
    notes += remarks_on_images(written, len(order))
    names, remarks = (tuple(map(storable, texts)) for texts in (class_names, notes))
    return Contents(labels[order], names, written.encoding, len(held_out), written.white, remarks)


def _named(raw: RawSplit, found: FoundData) -> tuple[NDArray[np.int64], tuple[str, ...]]:
    """Return the labels and class names of a split; those of a known data set are the catalogue's."""
    entry, names = found.entry, raw.class_names
    if entry is None:
        return raw.labels, names
    numbers = [int(name) for name in names if name.isdecimal()]
    if len(numbers) == len(names) and all(number < entry.classes for number in numbers):
        # A small copy may lack images of a class, whose number stays its own.
        return np.array(numbers, dtype=np.int64)[raw.labels], entry.class_names
    if len(names) != entry.classes:
        raise DataError(
            f"{found.source.root} has {len(names)} classes, but {entry.name} has {entry.classes}",
            "give the data set that belongs there, or its path as the task",
        )
    return raw.labels, entry.class_names


def _read_test_split(form: Format, source: Source) -> RawSplit:
    """Return the test split, no image decoded; raise DataError for one that could not be scored on."""
    test = form.read(source, SplitName.TEST)
    if len(test.labels) == 0:
        raise DataError(
            f"{source.root} has no images in its test split ({source.test[0]})",
            "add them, or name the training images as the task: a fifth of them is then for the test",
        )
    return test


def _check_classes(source: Source, labels: NDArray[np.int64], names: tuple[str, ...]) -> None:
    used = np.unique(labels)
    if len(used) < 2:
        raise DataError(
            f"{source.root} has images of one class only ('{names[used[0]]}', read as {source.format}): "
            "there is nothing to tell apart",
            f"{hint}: correct that"
            if (hint := tables.explain(source.root) or tables.unread_list(source.root))
            else "give a data set of two classes or more, as one folder of images per class, for example",
        )


def _spec(name: str, found: FoundData, train: Decoded) -> DataSpec:
    count, channels, height, width = train.images.shape
    facts = train.manifest.facts
    return DataSpec(
        name=name,
        title=_title(found, train),
        image_shape=(channels, height, width),
        class_names=train.manifest.class_names,
        train_images=count,
        test_images=train.manifest.test_images,
        wording="" if found.entry is None else found.entry.title,
        facts=replace(facts, warnings=tuple(map(found.in_words, facts.warnings)), mean=train.manifest.mean),
    )


def _title(found: FoundData, train: Decoded) -> str:
    """Return the data set's title, which says where this copy is less than the published original."""
    entry = found.entry
    if entry is None:
        return found.name
    notes = []
    if entry.is_original_lossless and train.manifest.encoding == "JPEG":
        notes.append("JPEG copy")
    if len(train.labels) != entry.train_images:
        notes.append(f"{len(train.labels):,} of {entry.train_images:,} training images")
    return f"{entry.title} ({', '.join(notes)})" if notes else entry.title
