"""Reads a CSV file of image files and their classes, beside the images or in a folder above them.

Splits are told by the files' or folders' names, or by a column such as `split`. A file is looked up by its path below
the data set, however much of it the CSV gives: `train/cat/1.png`, `1.png` and `1` may all be the same image.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from archwright.errors import DataError
from archwright.evaluation.data import folders
from archwright.evaluation.data.labels import LABEL_COLUMNS, encode_labels, name_classes, pick_column, text_values
from archwright.evaluation.data.sources import Format, RawSplit, Reading, Source, SplitName, from_files, listed
from archwright.evaluation.data.table_index import ImageIndex
from archwright.evaluation.data.table_text import is_guessed, is_json_lines, read_cells
from archwright.evaluation.data.tree import files_below, is_image, is_table
from archwright.evaluation.data.words import SPLIT_COLUMNS, SplitWord, parts_of, split_word

FILE_COLUMNS = (
    *("file", "filename", "file_name", "filenames", "filepath", "filepaths", "file_path", "path", "image", "images"),
    *("image_name", "image_path", "image_file", "image_id", "img", "img_name", "img_path", "fname", "id", "id_code"),
    *("name",),
)
_MARKS = {"true": True, "false": False, "1": True, "0": False, "yes": True, "no": False}
_NO_CLASS = ("", "nan", "n/a", "#n/a", "<na>", "null")
"""What stands where a table has no value."""
DEPTH = 2
"""Folders below the data set in which CSV files are looked for."""
PEEK = 50
_Row = tuple[str, str, SplitWord | None]
"""Image, class and, where a column says it, split."""


def find(path: Path) -> Source | None:
    """Return the data set that a CSV file (given, or in the folder given) lists, or None.

    Raises DataError for several CSV files of which none is for training.
    """
    is_named = path.is_file()
    root = path.parent if is_named else path
    files = _tables(path)
    if not files:
        return None
    images = ImageIndex(root)
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
    if not is_named and len(read_cells(train[0], 1)[0]) == 1:
        return None
    tops = () if is_named else folders.tops_of_classes(root)
    if tops and all(_adds_nothing(file, images, tops) for file in (train[0], *test)):
        return None
    rows = _read(train[0], Reading(), is_strict=False)
    words = {word for _, _, word in rows}
    if not test and words & {SplitWord.TEST, SplitWord.VALIDATION}:
        test = train
    unused = [file for file in tables if file not in (*train, *test)]
    notes = (f"not used: {listed(unused)}",) if unused else ()
    places = tuple((file[0], root) if file else () for file in (train, test))
    return Source(FORMAT.name, path, places[0], places[1], notes)


def explain(path: Path) -> str | None:
    """Return why a table, given or in the folder given, names no images that are there, or None for no table."""
    files = _tables(path)
    images = ImageIndex(path.parent if path.is_file() else path) if files else None
    for file in files:
        try:
            columns, lines = read_cells(file, PEEK)
        except DataError as error:
            return error.what
        if words := _pixels(columns):
            return f"{file} lists no image files; {words}"
        named = [cell for line in (columns, *lines) for cell in line if is_image(Path(cell))]
        if images is not None and named and not any(images.look_up(cell, file) for cell in named):
            near = images.look_up(PurePosixPath(named[0].replace("\\", "/")).stem, file)
            there = f", though {near.name} is" if near else ""
            return f"{file} lists images that are not there (such as {named[0]}{there})"
    return f"no row of {listed(files)} names an image that is there" if images else None


_UNREAD_LISTS = (".json", ".txt", ".xml", ".yaml", ".yml", ".gz", ".xlsx", ".xls", ".ods")
_NO_LISTS = frozenset({"readme", "license", "licence", "requirements", "changelog", "info", "citation"})


def unread_list(path: Path) -> str | None:
    """Return words on a file beside the images that may name their classes in a form we do not read."""
    files = () if path.is_file() else files_below(path, DEPTH)
    found = [file for file in files if file.suffix.lower() in _UNREAD_LISTS and parts_of(file.stem)]
    named = [file for file in found if not {*parts_of(file.stem)} & _NO_LISTS]
    where = f"{named[0].name} may say what is on the images, in a form that is not read" if named else None
    return f"{where}; write a CSV file with the columns file and label from it" if where else None


def unread_splits(path: Path) -> list[str]:
    """Return the names of lists beside class folders that probably say which images are for the test."""
    files = [file for file in files_below(path, DEPTH) if is_table(file) or file.suffix.lower() in _UNREAD_LISTS]
    words = {file.name: parts_of(file.stem) for file in files}
    return [name for name, parts in words.items() if "split" in parts or any(map(split_word, parts))]


def _tables(path: Path) -> list[Path]:
    files = [path] if path.is_file() else list(files_below(path, DEPTH))
    return [file for file in files if is_table(file) and "submission" not in file.stem.lower()]


def read(source: Source, split: SplitName) -> RawSplit:
    """Return the labels and the still compressed images of a split.

    Raises DataError for columns that are not there, for rows without a class and, all at once, for files that are not
    there, unless they are to be left out.
    """
    table, root = source.paths(split)
    images = ImageIndex(root)
    rows = _rows_of(source, split)
    if unlabelled := [file for file, label, _ in rows if label.strip().lower() in _NO_CLASS]:
        raise DataError(
            f"{table}: {len(unlabelled):,} of {len(rows):,} rows have no class (such as {unlabelled[0]})",
            f"fill them in, or name {source.train[0]} as the task: a fifth of its images is then for the test",
        )
    if is_json_lines(table) and (several := [file for file, label, _ in rows if label[:1] in ("[", "{")]):
        raise DataError(
            f"{table}: {len(several):,} of {len(rows):,} rows have a list or an object as their class (such as "
            f"{several[0]})",
            "give each image one class, as text or as a number",
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
    named: dict[Path, set[str]] = {}
    for place, label in kept:
        named.setdefault(place, set()).add(label)
    if torn := [place.name for place, several in named.items() if len(several) > 1]:
        raise DataError(
            f"{table} gives {len(torn):,} of {len(named):,} images several classes: {listed(torn)}",
            "keep one row for each image",
        )
    again, kept = len(kept) - len(named), list(dict.fromkeys(kept))
    train = rows if split == SplitName.TRAIN else _rows_of(source, SplitName.TRAIN)
    names = name_classes(text_values([label for _, label, _ in train]), source.train[0])
    labels = encode_labels(text_values([label for _, label in kept]), names, table, split)
    notes = _unread_splits(source) if split == SplitName.TRAIN else []
    if not "".join(names).isascii() and is_guessed(table):
        notes.append(f"{table} is not UTF-8: its letters are read as Windows has them in Western Europe (cp1252)")
    if again:
        notes.append(f"{again:,} rows of {table} say again what others say and are left out")
    if missing:
        notes.append(f"{len(missing):,} images that {table} lists are missing and left out: {listed(missing)}")
    if not source.test and (count := len(images) - len({place for place, _ in kept})):
        notes.append(f"{count:,} images below {root} are not listed in {table} and not used")
    return RawSplit(labels, names, from_files([place for place, _ in kept]), tuple(notes))


def _rows_of(source: Source, split: SplitName) -> list[_Row]:
    table, _ = source.paths(split)
    rows = _read(table, source.reading)
    if source.test and source.train == source.test:
        words = {word for _, _, word in rows}
        test = SplitWord.TEST if SplitWord.TEST in words else SplitWord.VALIDATION
        wanted = (SplitWord.TRAIN, None) if split == SplitName.TRAIN else (test,)
        rows = [row for row in rows if row[2] in wanted]
    if not rows:
        raise DataError(f"{table} lists no images in its {split} split", "add rows with image files and classes")
    return rows


def _unread_splits(source: Source) -> list[str]:
    """Return notes on the rows of a table that are in neither split, and on a column `split` that says none."""
    table = source.train[0]
    words = Counter(word for _, _, word in _read(table, source.reading))
    notes = []
    if source.train == source.test and words[SplitWord.TEST] and (count := words[SplitWord.VALIDATION]):
        notes.append(f"{count:,} rows of {table} are for validation and not used: those of the test split are")
    columns, lines = read_cells(table, PEEK)
    if "split" in columns and words.keys() == {None}:
        found = sorted({cell for (cell,) in _column(columns, lines, "split")})
        notes.append(f"column 'split' of {table} ({listed(found)}) says no split that we know: write train and test")
    return notes


def _split_of(file: Path, root: Path) -> SplitWord | None:
    parts = [*file.relative_to(root).parts[:-1], file.stem]
    return next((word for part in reversed(parts) if (word := split_word(part))), None)


def _is_table(file: Path, images: ImageIndex) -> bool:
    """Return whether a CSV file lists images; whether their classes as well is `read`'s question."""
    try:
        _, lines = read_cells(file, PEEK)
        rows = _read(file, Reading(), most=PEEK, is_strict=False)
    except DataError:
        return False
    cells = {cell for line in lines for cell in line if is_image(Path(cell))} | {name for name, _, _ in rows}
    return any(images.look_up(cell, file) for cell in cells)


def _adds_nothing(file: Path, images: ImageIndex, tops: tuple[Path, ...]) -> bool:
    """Return whether a table only describes the images of class folders: has no classes, or theirs."""
    columns, _ = read_cells(file, 1)
    if not any(is_image(Path(cell)) for cell in columns) and not pick_column(columns, "", LABEL_COLUMNS, "", file):
        return True
    pairs = set()
    for name, label, _ in _read(file, Reading(), is_strict=False):
        if found := images.look_up(name, file):
            top = next((top for top in tops if found.is_relative_to(top)), found)
            pairs.add((found.relative_to(top).parts[:1], label))
    labels, classes = {label for _, label in pairs}, {name for name, _ in pairs}
    return len(labels) < 2 or len(labels) == len(classes) == len(pairs)


def _read(file: Path, reading: Reading, most: int | None = None, *, is_strict: bool = True) -> list[_Row]:
    """Return at most `most` rows; without `is_strict` a file without a label column has empty labels."""
    columns, lines = _with_heading(*read_cells(file, most))
    files = pick_column(columns, reading.image_column, FILE_COLUMNS, "data.image_column", file)
    labels = pick_column(columns, reading.label_column, LABEL_COLUMNS, "data.label_column", file)
    files = files or _naming_images(columns, lines)
    if files is None and labels is None and len(columns) == 2:
        # No heading: file and class.
        return [(line[0], line[1], None) for line in (columns, *lines) if len(line) == 2]
    splits = pick_column(columns, "", SPLIT_COLUMNS, "", file)
    marks = [] if splits or not labels else _marks_of_splits(columns, lines)
    others = [column for column in columns if column and column not in (files, splits)]
    if labels is None and files is not None and len(others) == 1:
        labels = others[0]
    classes = _one_hot(file, others, columns, lines) if files and not labels and is_strict else []
    if is_strict and (files is None or (labels is None and not classes)):
        if labels is None and files is not None and split_word(file.stem) in (SplitWord.TEST, SplitWord.VALIDATION):
            raise DataError(
                f"{file}, the test split, has no column of classes; its columns are {listed(columns)}",
                "add one, or name the CSV file of the training images as the task: a fifth is then for the test",
            )
        missing = "of image files (data.image_column)" if files is None else "of classes (data.label_column)"
        raise DataError(
            f"{file} has no column {missing} that we know; its columns are {listed(columns)}",
            f"set that option to one of them{f'; {words}' if (words := _pixels(columns)) else ''}",
        )
    names, labels_of, split_of = (
        [row[0] for row in _column(columns, lines, column)] if column else [""] * len(lines)
        for column in (files, labels, splits if splits != labels else None)
    )
    return list(zip(names, classes or labels_of, marks or map(split_word, split_of), strict=True))


def _with_heading(columns: list[str], lines: list[list[str]]) -> tuple[list[str], list[list[str]]]:
    """Return a heading and the lines; where the name of an image stands in the first line, that was none."""
    place = next((place for place, cell in enumerate(columns) if is_image(Path(cell))), None)
    if place is None:
        return columns, lines
    heading = [f"column {number + 1}" if split_word(cell) is None else "split" for number, cell in enumerate(columns)]
    heading[place] = "file"
    return heading, [columns, *lines]


def _naming_images(columns: list[str], lines: list[list[str]]) -> str | None:
    """Return the one column, of whatever name, that has the name of an image in every line."""
    cells = {column: [cell for (cell,) in _column(columns, lines, column)] for column in dict.fromkeys(columns)}
    found = [column for column, each in cells.items() if each and all(is_image(Path(cell)) for cell in each)]
    return found[0] if len(found) == 1 else None


def _marks_of_splits(columns: list[str], lines: list[list[str]]) -> list[SplitWord | None]:
    """Return the split of each line by a column of marks such as `is_valid`; empty where there is none."""
    for column in columns:
        cells = [cell.lower() for (cell,) in _column(columns, lines, column)]
        if (word := split_word(column)) and {*cells} <= {*_MARKS}:
            other = SplitWord.TEST if word is SplitWord.TRAIN else SplitWord.TRAIN
            return [word if _MARKS[cell] else other for cell in cells]
    return []


def _column(columns: list[str], lines: list[list[str]], *wanted: str) -> Iterator[list[str]]:
    """Yield the cells of some columns, line by line, empty where a line is too short."""
    first = {column: place for place, column in reversed(list(enumerate(columns)))}
    places = [first[column] for column in wanted]
    return ([line[place] if place < len(line) else "" for place in places] for line in lines)


def _one_hot(file: Path, names: list[str], columns: list[str], lines: list[list[str]]) -> list[str]:
    """Return the class of each row that has a 1 in the column of its class; empty where the columns are no classes."""
    rows = _column(columns, lines, *names)
    if len(names) < 2 or not all(re.fullmatch(r"[01](\.0*)?", cell) for row in rows for cell in row):
        return []
    rows = _column(columns, lines, *names)
    marked = [[name for name, cell in zip(names, row, strict=True) if cell[0] == "1"] for row in rows]
    if several := sum(len(found) != 1 for found in marked):
        raise DataError(
            f"{file}: {several:,} of {len(lines):,} rows have several classes or none ({listed(names)})",
            "keep images of one class, or name one column in data.label_column",
        )
    return [name for (name,) in marked]


def _pixels(columns: list[str]) -> str:
    words = [parts_of(column)[:1] for column in columns]
    is_pixels = words.count(["pixels"]) + words.count(["pixel"]) > 10 or ["pixels"] in words
    return "where the columns are pixels, store the images as .npz (x_train, y_train)" if is_pixels else ""


FORMAT = Format("CSV", find, read, has_columns=True)
