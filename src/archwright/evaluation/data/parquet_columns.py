"""Which columns of a parquet file are the images and the labels, and what the hub's metadata says of them."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

from archwright.errors import DataError
from archwright.evaluation.data.labels import LABEL_COLUMNS, pick_column
from archwright.evaluation.data.sources import Reading, listed, unreadable
from archwright.evaluation.data.unpack import FREE_BYTES, MAX_RATIO

if TYPE_CHECKING:
    import pyarrow as pa
    import pyarrow.parquet as pq

PARQUET = "a parquet file"
FREE_ROWS = 1_000_000
"""Rows that any file may have; beyond, each image has at least a byte."""
IMAGE_COLUMNS = ("image", "img", "images", "picture", "photo", "pixel_values", "pixels", "jpg", "png", "jpeg")
"""What people call the column of images, the likeliest first."""


def is_parquet(path: Path) -> bool:
    """Return whether `path` is named like a parquet file."""
    return path.suffix.lower() in (".parquet", ".pq")


def open_parquet(file: Path) -> "pq.ParquetFile":
    """Return the opened file; raises DataError when it is none, or unpacks to far more than a file of its size."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        found = pq.ParquetFile(file)
        size = file.stat().st_size
    except (pa.ArrowException, OSError) as error:
        raise unreadable(file, PARQUET, error) from None
    groups = [found.metadata.row_group(number) for number in range(found.num_row_groups)]
    rows, unpacked = found.metadata.num_rows, sum(group.total_byte_size for group in groups)
    if rows > max(FREE_ROWS, size) or unpacked > max(FREE_BYTES, MAX_RATIO * size):
        raise DataError(
            f"{file} holds {rows:,} rows and {unpacked:,} bytes, far more than a file of its size should",
            "store the data set as files of images, in a folder per class",
        )
    return found


def choose_columns(file: Path, reading: Reading) -> tuple[str, str, tuple[str, ...]]:
    """Return the image column, the label column, and the others that could have been either.

    Raises DataError when there is none, or several of which none is called as usual.
    """
    schema = open_parquet(file).schema_arrow
    images = [field.name for field in schema if _is_image(field.type)]
    among = schema.names if reading.image_column else images
    image = pick_column(among, reading.image_column, IMAGE_COLUMNS, "data.image_column", file)
    if image is None and len(images) > 1:
        raise DataError(
            f"{file} has several columns of images: {listed(images)}", "set data.image_column to one of them"
        )
    image = image or next(iter(images), None)
    if image is None or image not in images:
        if paths := [name for name in schema.names if name.lower() in IMAGE_COLUMNS]:
            raise DataError(
                f"{file}: column '{paths[0]}' is of type {schema.field(paths[0]).type}, not the bytes of image files",
                "where it holds paths, list them with their classes in a CSV file (file,label) beside the images; "
                "where it holds pixels, store PNG bytes, or .npz arrays",
            )
        raise DataError(
            f"{file} has no image column (bytes, or a struct with bytes); its columns are {', '.join(schema.names)}",
            "store the images' files as bytes, and name their column in data.image_column",
        )
    named = _features(file)
    labels = [name for name in schema.names if _type_of(named.get(name)) == "ClassLabel"]
    label = pick_column(schema.names, reading.label_column, LABEL_COLUMNS, "data.label_column", file)
    if label is None and len(labels) == 1:
        label = labels[0]
    if label is None:
        raise DataError(
            f"{file} has no label column; its columns are {', '.join(schema.names)}",
            f"set data.label_column to one of them, or store labels as one of: {', '.join(LABEL_COLUMNS[:7])}",
        )
    others = [*images, *labels, *(name for name in schema.names if name in LABEL_COLUMNS)]
    return image, label, tuple(dict.fromkeys(name for name in others if name not in (image, label)))


def class_names_of(file: Path, reading: Reading) -> tuple[str, ...] | None:
    """Return the class names in the metadata, which is optional and written by many tools."""
    feature = _features(file).get(choose_columns(file, reading)[1])
    names = feature.get("names") if isinstance(feature, dict) else None
    return tuple(str(name) for name in names) if isinstance(names, list) and names else None


def _features(file: Path) -> dict[str, object]:
    try:
        features = json.loads(open_parquet(file).schema_arrow.metadata[b"huggingface"])["info"]["features"]
    except (KeyError, TypeError, ValueError, RecursionError):
        return {}
    return features if isinstance(features, dict) else {}


def _type_of(feature: object) -> object:
    return feature.get("_type") if isinstance(feature, dict) else None


def _is_image(kind: "pa.DataType") -> bool:
    import pyarrow as pa

    if pa.types.is_struct(kind):
        kind = next((kind.field(i).type for i in range(kind.num_fields) if kind.field(i).name == "bytes"), pa.null())
    return bool(pa.types.is_binary(kind) or pa.types.is_large_binary(kind))
