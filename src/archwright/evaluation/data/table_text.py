"""The cells of a table of files and classes: CSV as spreadsheets of any country write it, or JSON lines.

UTF-8, UTF-16 (with or without a mark) or Windows' own letters; commas, tabs, semicolons or bars between the cells; a
line `sep=;` and comments (`#`) above the heading.
"""

import codecs
import csv
import json
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import TextIO

from archwright.errors import DataError
from archwright.reading import LARGEST_TEXT, LONGEST_LINE

_MARKS = {
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
_SEPARATORS = ",\t;|"
_HEAD = 2000
"""Bytes that tell the encoding."""
_FREE_CELLS, _MOST_EMPTY = 10**7, 20
"""Cells that JSON lines may become, beyond which so many times those that they have."""


def is_json_lines(file: Path) -> bool:
    """Return whether a file is named like JSON lines."""
    return file.suffix.lower() in (".jsonl", ".ndjson")


def read_cells(file: Path, most: int | None) -> tuple[list[str], list[list[str]]]:
    """Return the cells of the heading and of the lines after it that are not empty, at most `most` of them.

    Raises DataError for a file that is no table.
    """
    try:
        if file.stat().st_size > LARGEST_TEXT:
            raise ValueError(f"it has more than {LARGEST_TEXT:,} bytes")
        encoding = _encoding(file)
        try:
            return _read(file, encoding, most)
        except UnicodeDecodeError:
            return _read(file, "cp1252", most)
    except (OSError, csv.Error, ValueError, RecursionError) as error:
        raise DataError(f"{file} is not a table we can read ({error})", "store it as CSV in UTF-8 again") from None


def is_guessed(file: Path) -> bool:
    """Return whether a table's letters were taken for those of Windows in Western Europe, as nothing says so."""
    try:
        if _encoding(file) == "utf-8":
            file.read_text("utf-8")
    except UnicodeDecodeError:
        return True
    return False


def _encoding(file: Path) -> str:
    with file.open("rb") as stream:
        head = stream.read(_HEAD)
    for mark, encoding in _MARKS.items():
        if head.startswith(mark):
            return encoding
    # Without a mark: of two bytes for each Latin letter one is zero.
    zeros = [head[start::2].count(0) for start in (0, 1)]
    if max(zeros) > len(head) // 4:
        return "utf-16-be" if zeros[0] > zeros[1] else "utf-16-le"
    return "utf-8"


def _read(file: Path, encoding: str, most: int | None) -> tuple[list[str], list[list[str]]]:
    errors = "replace" if encoding == "cp1252" else "strict"
    with file.open(newline="", encoding=encoding, errors=errors) as stream:
        if is_json_lines(file):
            return _of_objects([json.loads(line) for line in islice(_lines(stream), most) if line.strip()])
        place, head = 0, stream.readline(LONGEST_LINE)
        separator = max(_SEPARATORS, key=head.count)
        while head and (head.lower().startswith("sep=") or (head.startswith("#") and separator not in head)):
            if head.lower().startswith("sep="):
                separator = head[4:5]
            place, head = stream.tell(), stream.readline(LONGEST_LINE)
            separator = separator if separator in head else max(_SEPARATORS, key=head.count)
        stream.seek(place)
        lines = (
            [cell.strip(" \0") for cell in line]
            for line in csv.reader(_lines(stream), delimiter=separator, skipinitialspace=True)
        )
        found = list(islice(filter(any, lines), None if most is None else most + 1))
    return (found[0], found[1:]) if found else ([], [])


def _lines(stream: TextIO) -> Iterator[str]:
    """Yield the rest of a file by lines; raises ValueError for one that is far too long."""
    while line := stream.readline(LONGEST_LINE):
        if len(line) == LONGEST_LINE:
            raise ValueError(f"a line of it has more than {LONGEST_LINE:,} characters")
        yield line


def _of_objects(objects: list[object]) -> tuple[list[str], list[list[str]]]:
    rows = [row for row in objects if isinstance(row, dict)]
    columns = list(dict.fromkeys(str(key) for row in rows for key in row))
    if len(columns) * len(rows) > max(_FREE_CELLS, _MOST_EMPTY * sum(map(len, rows))):
        raise ValueError(f"its {len(rows):,} objects have {len(columns):,} keys, hardly one in common")
    return columns, [[_as_cell(row.get(column)) for column in columns] for row in rows]


def _as_cell(value: object) -> str:
    """Return a JSON value as a table has it: null is an empty cell, and a list of one thing is that thing."""
    if isinstance(value, list) and len(value) == 1:
        return _as_cell(value[0])
    if isinstance(value, list | dict):
        return json.dumps(value, ensure_ascii=False)
    return "" if value is None else str(value)
