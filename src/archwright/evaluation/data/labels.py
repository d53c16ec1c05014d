"""From what a file calls its classes, numbers or words, to labels from 0: no class that no training image has."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from archwright.errors import DataError
from archwright.evaluation.data.sources import SplitName, listed

LABEL_COLUMNS = (
    *("label", "labels", "fine_label", "class", "target", "y", "category", "class_name", "label_name", "cls"),
    *("classes", "targets", "species", "breed", "diagnosis", "dx", "class_id", "label_id", "category_id"),
)
"""What people call the column of labels, the likeliest first."""
MOST_SINGLES = 100
"""Images beyond which a label of its own for each of them numbers the image, not a class."""


def name_classes(values: NDArray[Any], where: Path) -> tuple[str, ...]:
    """Return the classes that the training labels `values` (integers, or texts as objects) use, in order.

    Raises DataError for labels that cannot be classes: negative ones, and a different one for every image.
    """
    if values.dtype == object:
        names = order_names({str(value) for value in values})
    else:
        _check_labelled(values, where)
        names = tuple(str(value) for value in np.unique(values))
    count = len(values)
    numbers = [int(name) for name in names if name.isdecimal()]
    if len(names) == count > 1 and (count > MOST_SINGLES or max(numbers, default=0) > 100 * count):
        raise DataError(
            f"{where}: every one of the {count:,} images has a label of its own (such as {names[-1]}): "
            "these are no classes",
            "correct the labels, or name another column with data.label_column",
        )
    return names


def encode_labels(values: NDArray[Any], names: tuple[str, ...], where: Path, split: SplitName) -> NDArray[np.int64]:
    """Return labels as indices into `names`; raise DataError for missing ones and for a class that `names` lacks."""
    if values.dtype != object:
        _check_labelled(values, where)
    distinct, inverse = np.unique(values.astype(str), return_inverse=True)
    codes = codes_of(map(str, distinct), names)
    unknown = [str(name) for name in distinct if str(name) not in codes]
    if unknown:
        row = int(np.flatnonzero(inverse == int(np.flatnonzero(distinct == unknown[0])[0]))[0])
        more = f" (and {len(unknown) - 1:,} such classes more)" if len(unknown) > 1 else ""
        raise DataError(
            f"{where}: image {row} of the {split} split has class '{unknown[0]}'{more}, "
            f"which is not among the training images ({listed(names)})",
            "correct the labels, or add training images of that class",
        )
    return np.array([codes[str(name)] for name in distinct], dtype=np.int64)[inverse]


def codes_of(found: Iterable[str], names: Sequence[str]) -> dict[str, int]:
    """Return the index in `names` of each class `found`, written the same or alike; unknown ones are left out."""
    exact = {name: code for code, name in enumerate(names)}
    alike = {spellings[0]: exact[spellings[0]] for spellings in _alike(names).values() if len(spellings) == 1}
    by_fold = {_fold(name): code for name, code in alike.items()}
    codes = {name: exact.get(name, by_fold.get(_fold(name), -1)) for name in found}
    return {name: code for name, code in codes.items() if code >= 0}


def spelled_alike(names: Sequence[str]) -> list[str]:
    """Return the class names that differ from another one in case, blanks, signs or form of accents only."""
    return [name for spellings in _alike(names).values() if len(spellings) > 1 for name in spellings]


def measured(names: Sequence[str]) -> list[str]:
    """Return the class names when all are numbers and some of them are no whole ones, as measured values are."""
    is_number = all(re.fullmatch(r"[+-]?\d*\.?\d+(?:e[+-]?\d+)?", name, re.IGNORECASE) for name in names)
    return list(names) if is_number and any(float(name) % 1 for name in names) else []


def several_in_one(names: Sequence[str]) -> list[str]:
    """Return the class names that are nothing but two or more of the others beside one another: `cat|dog`."""
    known = set(names)
    parts = {name: [part for part in re.split(r"[|;,+&/\s]+", name) if part] for name in names}
    return [name for name, each in parts.items() if len(each) > 1 and known.issuperset(each)]


def text_values(texts: Sequence[str]) -> NDArray[Any]:
    """Return labels that were read as text: as numbers where all are whole ones (`3`, `3.0`), else as objects."""
    stripped = [text.strip() for text in texts]
    if all(re.fullmatch(r"-?\d{1,18}(\.0*)?", text) for text in stripped):
        return np.array([int(text.split(".")[0]) for text in stripped], dtype=np.int64)
    return np.array([unicodedata.normalize("NFC", text) for text in stripped], dtype=object)


def check_labels(labels: NDArray[np.int64], classes: int, where: Path) -> None:
    """Raise DataError when a label of `where` is not in [0, classes)."""
    _check_labelled(labels, where)
    if len(labels) and labels.max() >= classes:
        row = int(labels.argmax())
        raise DataError(
            f"{where}: image {row} has label {labels[row]}, but there are {classes} classes (0 to {classes - 1})",
            "correct the labels or the class names of that file",
        )


def order_names(names: set[str]) -> tuple[str, ...]:
    """Return class names in order, as numbers when all of them are."""
    if all(name.isdecimal() for name in names):
        return tuple(sorted(names, key=lambda name: (int(name), name)))
    return tuple(sorted(names))


def as_integers(values: NDArray[Any], where: Path) -> NDArray[np.int64]:
    """Return whole numbers of any type, a column of them, or one-hot rows as integers; raise DataError for others."""
    if values.ndim == 2 and values.shape[1] == 1:
        values = values[:, 0]
    if values.ndim == 2 and len(values) and ((values == 0) | (values == 1)).all() and (values.sum(axis=1) == 1).all():
        values = values.argmax(axis=1)
    if values.ndim != 1:
        raise DataError(f"{where}: labels of shape {values.shape}", "store one whole number per image")
    if values.dtype.kind == "f" and len(wrong := values[~(np.isfinite(values) & (values == np.rint(values)))]):
        raise DataError(f"{where}: labels are not whole numbers (such as {wrong[0]})", "store one class per image")
    if values.dtype.kind not in "iubf":
        raise DataError(f"{where}: labels of type {values.dtype}", "store them as integers or as text")
    return values.astype(np.int64)


def pick_column(columns: Sequence[str], wanted: str, usual: Sequence[str], option: str, where: Path) -> str | None:
    """Return `wanted` as `columns` spell it, else the first usual one, else None; DataError when it is not there."""
    plain = {_letters(column): column for column in reversed(columns)}
    if wanted:
        if wanted not in columns and _letters(wanted) not in plain:
            raise DataError(
                f"{where} has no column '{wanted}' ({option}); its columns are {listed(columns)}",
                f"set {option} to one of them",
            )
        return wanted if wanted in columns else plain[_letters(wanted)]
    return next((plain[_letters(name)] for name in usual if _letters(name) in plain), None)


def _letters(column: str) -> str:
    """Return the name of a column without case, blanks and signs: `ClassId`, `class_id` and `Class ID` are one."""
    return re.sub(r"[\W_]", "", column).lower() or column


def _alike(names: Sequence[str]) -> dict[str, list[str]]:
    groups: dict[str, list[str]] = defaultdict(list)
    for name in names:
        groups[_fold(name)].append(name)
    return groups


def _fold(name: str) -> str:
    """Return a name without what people are careless about; a letter alone keeps its case, a number its sign."""
    name = unicodedata.normalize("NFC", name).strip()
    return re.sub(r"(?<=\w)[\s_-]+(?=\w)", " ", name.lower()) if len(name) > 1 else name


def _check_labelled(values: NDArray[Any], where: Path) -> None:
    if len(values) and values.min() < 0:
        count = int((values < 0).sum())
        row = int(np.flatnonzero(values < 0)[0])
        raise DataError(
            f"{where}: {count:,} of {len(values):,} images have no class "
            f"(label {values[row]}, which stands for none; the first is image {row})",
            "give them their classes, or leave that split out: without one, a fifth of the training images is for the "
            "test, so naming the training files as the task is enough",
        )
