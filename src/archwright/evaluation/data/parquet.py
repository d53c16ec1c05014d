"""Reads parquet files as the Hugging Face hub stores image data sets.

An image column (struct {bytes, path} or bytes), a label column (integers, or class names as text), class names in the
`huggingface` schema metadata. Splits are told apart by file or folder names: `train.parquet`,
`data/test-00000-of-00001.parquet`, `validation/0000.parquet`; what else differs in the names is a configuration, and of
several one has to be named. `parquet_columns` says which columns count.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from archwright.errors import DataError
from archwright.evaluation.data.labels import as_integers, check_labels, encode_labels, name_classes, text_values
from archwright.evaluation.data.parquet_columns import PARQUET, choose_columns, class_names_of, is_parquet, open_parquet
from archwright.evaluation.data.shards import check_shards, group_by_configuration, siblings
from archwright.evaluation.data.sources import (
    Encoded,
    EncodedImages,
    Format,
    RawSplit,
    Reading,
    Source,
    SplitName,
    listed,
    unreadable,
)
from archwright.evaluation.data.tree import files_below
from archwright.evaluation.data.unpack import FREE_BYTES
from archwright.evaluation.data.words import SPLIT_COLUMNS, SplitWord, split_word

if TYPE_CHECKING:
    import pyarrow as pa

_BATCH = 512
"""Images unpacked at once where they are small."""
DEPTH = 3
"""Folders below the data set that are looked into."""


def find(path: Path) -> Source | None:
    """Return the parquet data set at a file or folder, or None.

    Raises DataError for several configurations, a missing shard, and files of which none are for training.
    """
    if is_parquet(path) and path.is_file():
        shards = siblings(path)
        check_shards(shards)
        return Source(FORMAT.name, path, tuple(shards), ())
    if not path.is_dir():
        return None
    files = [file for file in files_below(path, DEPTH) if is_parquet(file)]
    if not files:
        return None
    splits = group_by_configuration(path, files)
    train, test = splits.pop(SplitWord.TRAIN), splits.pop(SplitWord.TEST, ()) or splits.pop(SplitWord.VALIDATION, ())
    check_shards(train)
    check_shards(test)
    unused = [file for file in files if file not in {*train, *test}]
    notes = (f"not used: {listed([file.relative_to(path) for file in unused])}",) if unused else ()
    return Source(FORMAT.name, path, tuple(train), tuple(test), notes)


def read(source: Source, split: SplitName) -> RawSplit:
    """Return the labels and the still compressed images of a split.

    Raises DataError for a damaged file and for one without an image or label column.
    """
    files, reading = source.paths(split), source.reading
    named = class_names_of(source.train[0], reading)
    values = [_by_name(_label_values(file, reading), file, named, reading) for file in files]
    if named is not None and all(array.dtype != object for array in values):
        names = named
        labels = [array.astype(np.int64) for array in values]
        for file, array in zip(files, labels, strict=True):
            check_labels(array, len(names), file)
    else:
        train = values if split == SplitName.TRAIN else [_label_values(file, reading) for file in source.train]
        names = named or name_classes(np.concatenate(train), source.train[0])
        labels = [encode_labels(array, names, file, split) for file, array in zip(files, values, strict=True)]

    def images() -> Iterator[Encoded]:
        first_row = 0
        for file, array in zip(files, labels, strict=True):
            for row, data in enumerate(_image_bytes(file, reading)):
                yield first_row + row, f"{file} row {row}", data
            first_row += len(array)

    rows = sum(len(array) for array in labels)
    image, label, others = choose_columns(files[0], reading)
    notes = [f"images are read from column '{image}', labels from '{label}'; not used: {listed(others)}"]
    notes = [*(notes if others else ()), *_splits_in(files[0])]
    return RawSplit(np.concatenate(labels), names, EncodedImages(rows, images), tuple(notes))


def _by_name(values: NDArray[Any], file: Path, named: tuple[str, ...] | None, reading: Reading) -> NDArray[Any]:
    """Return labels as the names that their file has for them, where it numbers the classes in another order."""
    own = class_names_of(file, reading)
    if own is None or named is None or own == named or values.dtype == object:
        return values
    check_labels(values, len(own), file)
    return np.array([own[value] for value in values], dtype=object)


def _label_values(file: Path, reading: Reading) -> NDArray[np.int64] | NDArray[np.object_]:
    """Return the label column: numbers, or text as objects."""
    import pyarrow as pa

    column = choose_columns(file, reading)[1]
    try:
        values = open_parquet(file).read([column]).column(0).combine_chunks()
    except (pa.ArrowException, OSError) as error:
        raise unreadable(file, PARQUET, error) from None
    kind = values.type
    missing = values.null_count
    if pa.types.is_floating(kind):
        missing += int(np.isnan(np.asarray(values.drop_null().to_numpy(zero_copy_only=False))).sum())
    if missing:
        raise DataError(f"{file}: {missing:,} images have no label", "remove or label them")
    if pa.types.is_integer(kind) or pa.types.is_boolean(kind) or pa.types.is_floating(kind):
        numbers = np.asarray(values.to_numpy(zero_copy_only=False))
        if pa.types.is_floating(kind) and len(numbers) and not (numbers == np.rint(numbers)).all():
            raise DataError(f"{file}: labels of type {kind}", "store them as integers or as text")
        return as_integers(numbers, file)
    if pa.types.is_list(kind) or pa.types.is_fixed_size_list(kind):
        rows = _rows_of(values.to_pylist(), file)
        if rows.dtype.kind in "iubf":
            return as_integers(rows, file)
        if rows.shape[1:] == (1,):
            return text_values(rows[:, 0].tolist())
    if _is_text(kind):
        texts = values.to_pylist()
        return text_values([t.decode(errors="replace") if isinstance(t, bytes) else str(t) for t in texts])
    raise DataError(f"{file}: labels of type {kind}", "store them as integers or as text")


def _rows_of(lists: list[list[object]], file: Path) -> NDArray[Any]:
    """Return lists of numbers of one length as rows."""
    if len({len(row) for row in lists}) > 1:
        raise DataError(f"{file}: images with several labels, or none", "store one class per image")
    return np.array(lists)


def _splits_in(file: Path) -> list[str]:
    """Return a note on a column that says of each image which split it is in: all of a file are in one."""
    opened = open_parquet(file)
    column = next((name for name in opened.schema_arrow.names if name.lower() in SPLIT_COLUMNS), None)
    if column is None or not _is_text(opened.schema_arrow.field(column).type):
        return []
    found = sorted(set(map(str, opened.read([column]).column(0).unique().to_pylist())))
    if len({split_word(value) for value in found} - {None}) < 2:
        return []
    return [f"column '{column}' ({listed(found)}) is not read: write a file for each of these"]


def _is_text(kind: "pa.DataType") -> bool:
    import pyarrow as pa

    types = pa.types
    tests = (types.is_string, types.is_large_string, types.is_string_view, types.is_binary, types.is_dictionary)
    return any(test(kind) for test in tests)


def _image_bytes(file: Path, reading: Reading) -> Iterator[bytes | str]:
    import pyarrow as pa

    column = choose_columns(file, reading)[0]
    try:
        opened = open_parquet(file)
        groups = (opened.metadata.row_group(number).total_byte_size for number in range(opened.num_row_groups))
        # One image may be as large as what it lies in, and stand in every row.
        size = min(_BATCH, max(1, FREE_BYTES // max(1, *groups, 1)))
        for batch in opened.iter_batches(batch_size=size, columns=[column]):
            values = batch.column(0)
            if pa.types.is_struct(values.type):
                values = values.field("bytes")
            yield from ("this row has no image bytes" if data is None else data for data in values.to_pylist())
    except (pa.ArrowException, OSError) as error:
        raise unreadable(file, PARQUET, error) from None


FORMAT = Format("parquet", find, read, has_columns=True)
