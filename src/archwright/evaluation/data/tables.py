"""Reads a CSV file of image files and their classes, beside the images or in a folder above them.

Splits are told by the files' or folders' names, or by a column such as `split`. A file is looked up by its path below
the data set, however much of it the CSV gives: `train/cat/1.png`, `1.png` and `1` may all be the same image.
"""

import csv
import re
from collections import defaultdict
from dataclasses import dataclass
from itertools import islice
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np
from numpy.typing import NDArray

from archwright.errors import DataError
from archwright.evaluation.data import folders
from archwright.evaluation.data.labels import LABEL_COLUMNS, encode_labels, name_classes, pick_column
from archwright.evaluation.data.sources import Format, RawSplit, Reading, Source, SplitName, from_files, listed
from archwright.evaluation.data.tree import files_below, images_below, is_image
from archwright.evaluation.data.words import SplitWord, parts_of, split_word

FILE_COLUMNS = (
    *("file", "filename", "file_name", "filenames", "filepath", "filepaths", "file_path", "path", "image", "images"),
    *("image_name", "image_path", "image_file", "image_id", "img", "img_name", "img_path", "fname", "id", "id_code"),
    *("name",),
)
SPLIT_COLUMNS = ("split", "subset", "set", "data_set", "dataset", "partition", "phase", "usage")
_NO_CLASS = ("", "nan")
"""What stands where a table has no value."""
DEPTH = 2
"""Folders below the data set in which CSV files are looked for."""
PEEK = 50


@dataclass(frozen=True, slots=True)
class _Table:
    """The rows of a CSV file: image, class and, where a column says it, split."""

    rows: list[tuple[str, str, SplitWord | None]]


def find(path: Path) -> Source | None:
    """Return the data set that a CSV file (given, or in the folder given) lists, or None.

    Raises DataError for several CSV files of which none is for training.
    """
    is_named = path.is_file()
    root = path.parent if is_named else path
    files = [path] if is_named else list(files_below(path, DEPTH))
    files = [
        file for file in files if file.suffix.lower() in (".csv", ".tsv") and "submission" not in file.stem.lower()
    ]
    if not files:
        return None
    images = _Index(root)
    tables = [file for file in files if images and _is_table(file, images)]
    by_split: dict[SplitWord | None, list[Path]] = defaultdict(list)
    for file in tables:
        by_split[None if is_named else _split_of(file, root)].append(file)
    train = by_split[SplitWord.TRAIN] or by_split[None]
    test = by_split[SplitWord.TEST] or by_split[SplitWord.VALIDATION]
    if not train:
        return None
    if len(train) > 1 or len(test) > 1:
        several = train if len(train) > 1 else test
        raise DataError(f"{path} has several CSV files of images: {listed(several)}", "name one of them as the task")
    table = _read(train[0], Reading(), is_strict=False)
    if not is_named and _says_what_folders_say(table, images, train[0]) and folders.has_classes(root):
        return None
    words = {word for _, _, word in table.rows}
    if not test and words & {SplitWord.TEST, SplitWord.VALIDATION}:
        test = train
    unused = [file for file in tables if file not in (*train, *test)]
    notes = (f"not used: {listed(unused)}",) if unused else ()
    places = tuple((file[0], root) if file else () for file in (train, test))
    return Source(FORMAT.name, path, places[0], places[1], notes)


def read(source: Source, split: SplitName) -> RawSplit:
    """Return the labels and the still compressed images of a split.

    Raises DataError for columns that are not there, for rows without a class and, all at once, for files that are not
    there, unless they are to be left out.
    """
    table, root = source.paths(split)
    images = _Index(root)
    rows = _rows_of(source, split)
    if unlabelled := [file for file, label, _ in rows if label.strip().lower() in _NO_CLASS]:
        raise DataError(
            f"{table}: {len(unlabelled):,} of {len(rows):,} rows have no class (such as {unlabelled[0]})",
            f"fill them in, or name {source.train[0]} as the task: a fifth of its images is then for the test",
        )
    found = [images.look_up(file, table) for file, _, _ in rows]
    missing = [file for (file, _, _), place in zip(rows, found, strict=True) if place is None]
    if missing and (not source.reading.skip_corrupt or len(missing) == len(rows)):
        raise DataError(
            f"{table} lists {len(missing):,} images that are not below {root}, or several of the same name: "
            f"{listed(missing)}",
            "correct the names, add the files, or set data.skip_corrupt=true to leave them out",
        )
    kept = [(place, label) for (_, label, _), place in zip(rows, found, strict=True) if place is not None]
    train = rows if split == SplitName.TRAIN else _rows_of(source, SplitName.TRAIN)
    names = name_classes(_values([label for _, label, _ in train]), source.train[0])
    labels = encode_labels(_values([label for _, label in kept]), names, table, split)
    notes = []
    if missing:
        notes.append(f"{len(missing):,} images that {table} lists are missing and left out: {listed(missing)}")
    if not source.test and (count := len(images) - len({place for place, _ in kept})):
        notes.append(f"{count:,} images below {root} are not listed in {table} and not used")
    return RawSplit(labels, names, from_files([place for place, _ in kept]), tuple(notes))


def _values(labels: list[str]) -> NDArray[Any]:
    """Return whole numbers as such and anything else as texts."""
    texts = [label.strip() for label in labels]
    if all(re.fullmatch(r"-?\d{1,18}", text) for text in texts):
        return np.array([int(text) for text in texts], dtype=np.int64)
    return np.array(texts, dtype=object)


def _rows_of(source: Source, split: SplitName) -> list[tuple[str, str, SplitWord | None]]:
    table, _ = source.paths(split)
    rows = _read(table, source.reading).rows
    if source.test and source.train == source.test:
        words = {word for _, _, word in rows}
        test = SplitWord.TEST if SplitWord.TEST in words else SplitWord.VALIDATION
        wanted = (SplitWord.TRAIN, None) if split == SplitName.TRAIN else (test,)
        rows = [row for row in rows if row[2] in wanted]
    if not rows:
        raise DataError(f"{table} lists no images in its {split} split", "add rows with image files and classes")
    return rows


class _Index:
    """The images below a folder, by as much of their path as somebody gives."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._by_name: dict[str, list[PurePosixPath]] = defaultdict(list)
        files = images_below(root)
        self._count = len(files)
        for file in files:
            relative = PurePosixPath(file.relative_to(root))
            self._by_name[relative.name].append(relative)
            if relative.stem != relative.name:
                self._by_name[relative.stem].append(relative)

    def __len__(self) -> int:
        return self._count

    def look_up(self, text: str, table: Path) -> Path | None:
        """Return the image that a row of `table` means, None when there is none or it cannot be said which.

        Of several, those win that share more of the path; then those beside the table, or in its split's folder.
        """
        parts = [part for part in text.strip().replace("\\", "/").split("/") if part not in ("", ".", "..")]
        candidates = self._by_name.get(parts[-1], []) if parts else []
        beside = PurePosixPath(table.relative_to(self._root).parent)
        word = split_word(table.stem)
        for score in (
            lambda found: _shared(found, parts),
            lambda found: found.parent == beside.joinpath(*parts[:-1]),
            lambda found: word is not None and word in map(split_word, found.parts[:-1]),
        ):
            best = max(map(score, candidates), default=0)
            candidates = [found for found in candidates if score(found) == best]
        return self._root / candidates[0] if len(candidates) == 1 else None


def _shared(found: PurePosixPath, parts: list[str]) -> int:
    """Return how many folders, counted from the file upwards, two paths share."""
    count = 0
    for mine, theirs in zip(reversed(found.parts[:-1]), reversed(parts[:-1]), strict=False):
        if mine != theirs:
            break
        count += 1
    return count


def _split_of(file: Path, root: Path) -> SplitWord | None:
    parts = [*file.relative_to(root).parts[:-1], file.stem]
    return next((word for part in reversed(parts) if (word := split_word(part))), None)


def _is_table(file: Path, images: _Index) -> bool:
    """Return whether a CSV file lists images; whether their classes as well is `read`'s question."""
    try:
        _, lines = _lines(file, PEEK)
        rows = _read(file, Reading(), most=PEEK, is_strict=False).rows
    except DataError:
        return False
    cells = {cell for line in lines for cell in line if is_image(Path(cell))} | {name for name, _, _ in rows}
    return any(images.look_up(cell, file) for cell in cells)


def _says_what_folders_say(table: _Table, images: _Index, file: Path) -> bool:
    """Return whether the class of every image listed follows from its folder, as where a CSV describes them."""
    classes: dict[PurePosixPath, set[str]] = defaultdict(set)
    for name, label, _ in table.rows:
        if found := images.look_up(name, file):
            classes[PurePosixPath(found.parent)].add(label)
    return all(len(labels) == 1 for labels in classes.values())


def _read(file: Path, reading: Reading, most: int | None = None, *, is_strict: bool = True) -> _Table:
    """Return at most `most` rows; without `is_strict` a file without a label column has empty labels."""
    columns, lines = _lines(file, most)
    files = pick_column(columns, reading.image_column, FILE_COLUMNS, "data.image_column", file)
    labels = pick_column(columns, reading.label_column, LABEL_COLUMNS, "data.label_column", file)
    if files is None and labels is None and len(columns) == 2:
        # No heading: file and class.
        return _Table([(line[0], line[1], None) for line in (columns, *lines) if len(line) == 2])
    others = [column for column in columns if column != files]
    if labels is None and files is not None and len(others) == 1:
        labels = others[0]
    if is_strict and (files is None or labels is None):
        if labels is None and files is not None and split_word(file.stem) in (SplitWord.TEST, SplitWord.VALIDATION):
            raise DataError(
                f"{file}, the test split, has no column of classes; its columns are {listed(columns)}",
                "add one, or name the CSV file of the training images as the task: a fifth is then for the test",
            )
        missing = "of image files (data.image_column)" if files is None else "of classes (data.label_column)"
        raise DataError(
            f"{file} has no column {missing} that we know; its columns are {listed(columns)}",
            f"set that option to one of them{_pixels(columns)}",
        )
    first, second = (None if column is None else columns.index(column) for column in (files, labels))
    splits = pick_column(columns, "", SPLIT_COLUMNS, "", file)
    third = columns.index(splits) if splits is not None and splits != labels else None

    def cell(line: list[str], place: int | None) -> str:
        return line[place] if place is not None and place < len(line) else ""

    return _Table([(cell(line, first), cell(line, second), split_word(cell(line, third))) for line in lines])


def _lines(file: Path, most: int | None) -> tuple[list[str], list[list[str]]]:
    """Return the cells of the first line and of the others that are not empty, at most `most` of them."""
    try:
        with file.open(newline="", encoding="utf-8-sig", errors="replace") as stream:
            head = stream.readline()
            stream.seek(0)
            reader = csv.reader(stream, delimiter=max(",\t;", key=head.count))
            lines = [line for line in islice(reader, None if most is None else most + 1) if any(line)]
    except (OSError, csv.Error) as error:
        raise DataError(f"{file} is not a CSV file we can read ({error})", "store it as UTF-8 text again") from None
    return ([cell.strip() for cell in lines[0]], lines[1:]) if lines else ([], [])


def _pixels(columns: list[str]) -> str:
    is_pixels = sum(parts_of(column)[:1] in (["pixel"], ["pixels"]) for column in columns) > 10
    return "; where the columns are pixels, store the images as .npz (x_train, y_train)" if is_pixels else ""


FORMAT = Format("CSV", find, read, has_columns=True)
