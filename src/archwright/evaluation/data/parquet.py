"""Reads parquet files as the Hugging Face hub stores image data sets.

An image column (struct {bytes, path} or bytes), a label column (integers, or class names as text), class names in the
`huggingface` schema metadata. Splits are told apart by file or folder names: `train.parquet`,
`data/test-00000-of-00001.parquet`, `validation/0000.parquet`.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from archwright.errors import DataError
from archwright.evaluation.data.sources import EncodedImages, Format, RawSplit, Source, SplitName, check_labels

if TYPE_CHECKING:
    import pyarrow as pa
    import pyarrow.parquet as pq

LABEL_COLUMNS = ("label", "labels", "fine_label", "class", "target", "y")
_WORDS = re.compile(r"[a-z]+")


def find(path: Path) -> Source | None:
    """Return the parquet data set at a file or folder, or None."""
    if path.suffix == ".parquet" and path.is_file():
        return Source(FORMAT.name, path, (path,), ())
    if not path.is_dir():
        return None
    files = sorted(file for pattern in ("*.parquet", "*/*.parquet", "*/*/*.parquet") for file in path.glob(pattern))
    if not files:
        return None
    words = {file: set(_WORDS.findall(str(file.relative_to(path)).lower())) for file in files}
    train = tuple(file for file in files if "train" in words[file])
    test = tuple(file for file in files if "test" in words[file])
    if not test:
        test = tuple(file for file in files if words[file] & {"validation", "valid", "val"})
    if not train:
        train = tuple(file for file in files if file not in test)
    return Source(FORMAT.name, path, train, test) if train else None


def count(source: Source, split: SplitName) -> int:
    """Return the number of rows, from the files' footers."""
    return sum(_open(file).metadata.num_rows for file in source.paths(split))


def read(source: Source, split: SplitName) -> RawSplit:
    """Return the labels and the still compressed images of a split.

    Raises DataError for a damaged file and for one without an image or label column.
    """
    files = source.paths(split)
    names = _class_names(source)
    labels = [_codes(file, names) for file in files]

    def images() -> Iterator[tuple[int, str, bytes]]:
        first_row = 0
        for file, array in zip(files, labels, strict=True):
            for row, data in enumerate(_image_bytes(file)):
                yield first_row + row, f"{file} row {row}", data
            first_row += len(array)

    rows = sum(len(array) for array in labels)
    return RawSplit(np.concatenate(labels), names, EncodedImages(rows, images))


def _class_names(source: Source) -> tuple[str, ...]:
    """Return the names in the metadata, else the distinct texts, else the numbers, of the training labels."""
    named = _names_in_metadata(source.train[0])
    if named is not None:
        return named
    values = np.concatenate([_label_values(file) for file in source.train])
    if values.dtype == object:
        return tuple(sorted({str(value) for value in values}))
    classes = int(values.max()) + 1 if len(values) else 0
    if classes > len(values):
        raise DataError(
            f"{source.train[0]} has label {classes - 1}, but only {len(values)} images",
            "number the classes from 0, or store their names in the schema metadata",
        )
    return tuple(str(code) for code in range(classes))


def _names_in_metadata(file: Path) -> tuple[str, ...] | None:
    schema = _open(file).schema_arrow
    try:
        feature = json.loads(schema.metadata[b"huggingface"])["info"]["features"][_columns(file)[1]]
        return tuple(str(name) for name in feature["names"])
    except (KeyError, TypeError, ValueError):
        # Optional, and written by many tools: without it the labels speak for themselves.
        return None


def _codes(file: Path, names: tuple[str, ...]) -> NDArray[np.int64]:
    """Return the labels of `file` as indices into `names`."""
    values = _label_values(file)
    if values.dtype == object:
        codes = {name: code for code, name in enumerate(names)}
        unknown = next((value for value in values if str(value) not in codes), None)
        if unknown is not None:
            raise DataError(
                f"{file}: class '{unknown}' is not among the training images", "add training images of that class"
            )
        return np.array([codes[str(value)] for value in values], dtype=np.int64)
    labels = values.astype(np.int64)
    check_labels(labels, len(names), file)
    return labels


def _open(file: Path) -> "pq.ParquetFile":
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        return pq.ParquetFile(file)
    except (pa.ArrowException, OSError) as error:
        raise _damaged(file, error) from None


def _columns(file: Path) -> tuple[str, str]:
    """Return the names of the image column and the label column."""
    import pyarrow as pa

    def is_image(kind: "pa.DataType") -> bool:
        if pa.types.is_struct(kind):
            kind = next(
                (kind.field(i).type for i in range(kind.num_fields) if kind.field(i).name == "bytes"), pa.null()
            )
        return bool(pa.types.is_binary(kind) or pa.types.is_large_binary(kind))

    schema = _open(file).schema_arrow
    image = next((field.name for field in schema if is_image(field.type)), None)
    label = next((name for name in LABEL_COLUMNS if name in schema.names), None)
    if image is None or label is None:
        missing = "image column (bytes, or a struct with bytes)" if image is None else "label column"
        raise DataError(
            f"{file} has no {missing}; its columns are {', '.join(schema.names)}",
            f"store images as bytes and labels as one of: {', '.join(LABEL_COLUMNS)}",
        )
    return image, label


def _label_values(file: Path) -> NDArray[np.int64] | NDArray[np.object_]:
    """Return the label column: numbers, or text as objects."""
    import pyarrow as pa

    column = _columns(file)[1]
    try:
        values = _open(file).read([column]).column(0).combine_chunks()
    except (pa.ArrowException, OSError) as error:
        raise _damaged(file, error) from None
    kind = values.type
    if values.null_count:
        raise DataError(f"{file}: {values.null_count} images have no label", "remove or label them")
    if pa.types.is_integer(kind):
        return np.asarray(values.to_numpy(zero_copy_only=False), dtype=np.int64)
    if pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_dictionary(kind):
        return np.array(values.to_pylist(), dtype=object)
    raise DataError(f"{file}: labels of type {kind}", "store them as integers or as text")


def _image_bytes(file: Path) -> Iterator[bytes]:
    import pyarrow as pa

    column = _columns(file)[0]
    try:
        for batch in _open(file).iter_batches(batch_size=512, columns=[column]):
            values = batch.column(0)
            if pa.types.is_struct(values.type):
                values = values.field("bytes")
            for data in values.to_pylist():
                if data is None:
                    raise DataError(f"{file}: a row has no image bytes", "store the images inside the file")
                yield data
    except (pa.ArrowException, OSError) as error:
        raise _damaged(file, error) from None


def _damaged(file: Path, error: Exception) -> DataError:
    reason = str(error).splitlines()[0] if str(error) else type(error).__name__
    return DataError(f"{file} is not a parquet file we can read ({reason})", "copy or download that file again")


FORMAT = Format("parquet", find, count, read)
