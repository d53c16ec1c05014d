"""Reads CIFAR as it was published, for Python (`data_batch_1`, `train`) and in binary form (`data_batch_1.bin`).

The files for Python are pickles. A pickle can run any code, so these are read by an unpickler that knows numpy arrays
and nothing else. CIFAR-100 is read with its 100 fine labels.
"""

import io
import pickle
import re
from itertools import count
from pathlib import Path
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from archwright.errors import DataError
from archwright.evaluation.data.labels import check_labels
from archwright.evaluation.data.sources import Format, RawSplit, Source, SplitName
from archwright.evaluation.data.tree import files_in

SHAPE = (3, 32, 32)
SIZE = 3 * 32 * 32
_NAMES = {
    SplitName.TRAIN: re.compile(r"(data_batch_\d+|train)(\.bin)?"),
    SplitName.TEST: re.compile(r"(test_batch|test)(\.bin)?"),
}
_BATCH_NAME = re.compile(r"data_batch_\d+(\.bin)?|test_batch(\.bin)?")
_META_NAME = re.compile(r"batches\.meta|meta|batches\.meta\.txt|fine_label_names\.txt")


def find(path: Path) -> Source | None:
    """Return the CIFAR data set in an extracted folder (or beside a file of it), or None.

    Raises DataError when a batch is missing between others.
    """
    if path.is_file():
        return find(path.parent) if _BATCH_NAME.fullmatch(path.name) else None
    files = files_in(path)
    # `train` and `test` alone could be anything; the file with the class names, or the batches, make it CIFAR.
    if not any(_META_NAME.fullmatch(file.name) or _BATCH_NAME.fullmatch(file.name) for file in files):
        return None
    train, test = (tuple(f for f in files if pattern.fullmatch(f.name)) for pattern in _NAMES.values())
    numbers = {int(number) for file in train for number in re.findall(r"data_batch_(\d+)", file.name)}
    if (missing := next(number for number in count(1) if number not in numbers)) < max(numbers, default=0):
        raise DataError(f"{path} lacks data_batch_{missing}", _COPY_AGAIN)
    return Source(FORMAT.name, path, train, test) if train else None


def read(source: Source, split: SplitName) -> RawSplit:
    """Return the images and labels of a split, batches in the order of their names.

    Raises DataError for a damaged or missing batch and a pickle that holds anything but arrays.
    """
    names = _class_names(source.root)
    batches = [_binary(file) if file.suffix == ".bin" else _batch(file) for file in source.paths(split)]
    codes = np.concatenate([labels for _, labels in batches])
    check_labels(codes, len(names), source.root)
    return RawSplit(codes, names, np.concatenate([pixels for pixels, _ in batches]))


_COPY_AGAIN = "copy or download the archive again"


def _batch(file: Path) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    batch = _unpickled(file)
    pixels, labels = batch.get("data"), batch.get("fine_labels", batch.get("labels"))
    if not isinstance(labels, list) or not all(isinstance(label, int) and abs(label) < 2**63 for label in labels):
        raise DataError(f"{file} has no list of labels", _COPY_AGAIN)
    if not isinstance(pixels, np.ndarray) or pixels.dtype != np.uint8 or pixels.shape != (len(labels), SIZE):
        raise DataError(f"{file} does not hold {len(labels)} x {SIZE} bytes of images", _COPY_AGAIN)
    return pixels.reshape(-1, *SHAPE), np.array(labels, dtype=np.int64)


def _binary(file: Path) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Return a batch of rows of one label and an image, or, in CIFAR-100, a coarse label, a fine one and an image."""
    # CIFAR-100's files are called like this.
    head = 2 if file.name in ("train.bin", "test.bin") else 1
    data = np.frombuffer(_contents(file), np.uint8)
    if not len(data) or len(data) % (head + SIZE):
        raise DataError(f"{file} has {len(data):,} bytes, no multiple of {head + SIZE:,}", _COPY_AGAIN)
    rows = data.reshape(-1, head + SIZE)
    return rows[:, head:].reshape(-1, *SHAPE), rows[:, head - 1].astype(np.int64)


def _class_names(folder: Path) -> tuple[str, ...]:
    file = next((file for file in files_in(folder) if _META_NAME.fullmatch(file.name)), None)
    if file is None:
        raise DataError(f"{folder} has no file with the class names (batches.meta or meta)", _COPY_AGAIN)
    if file.suffix == ".txt":
        names: object = _contents(file).decode("utf-8", "replace").split()
    else:
        meta = _unpickled(file)
        names = meta.get("fine_label_names", meta.get("label_names"))
    if not isinstance(names, list) or not names:
        raise DataError(f"{file} has no class names", _COPY_AGAIN)
    return tuple(str(name) for name in names)


def _unpickled(file: Path) -> dict[str, object]:
    try:
        # The published files were written by Python 2; latin1 turns its strings into ours, bytes included.
        batch = _ArrayUnpickler(io.BytesIO(_contents(file)), encoding="latin1").load()
    except (pickle.UnpicklingError, EOFError, LookupError, ValueError, *_BOMBS) as error:
        raise DataError(
            f"{file} is not a CIFAR batch we can read ({error or type(error).__name__})", _COPY_AGAIN
        ) from None
    if not isinstance(batch, dict):
        raise DataError(f"{file} holds a {type(batch).__name__}, not a batch", _COPY_AGAIN)
    return batch


def _contents(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise DataError(f"{file} cannot be read ({error})", _COPY_AGAIN) from None


_BOMBS = (TypeError, AttributeError, OverflowError, MemoryError, RecursionError)
"""What a pickle raises that asks for what no batch holds."""


def _encode(text: str, encoding: str) -> bytes:
    """Python 3 writes bytes for old pickle protocols as this call; only its own encoding is allowed."""
    if encoding != "latin1":
        raise pickle.UnpicklingError(f"encoding '{encoding}' in a pickle of arrays")
    return text.encode("latin1")


class _Memo(dict[int, object]):
    """What a pickle refers to again. Containers within containers twice over would be endless to hash or write."""

    def __getitem__(self, number: int) -> object:
        value = super().__getitem__(number)
        if isinstance(value, tuple | list | dict | set | frozenset):
            raise pickle.UnpicklingError("it refers to a container twice, as no CIFAR batch does")
        return value


class _ArrayUnpickler(pickle._Unpickler):
    """Loads dicts, lists, text, bytes, numbers and numpy arrays; refuses every other class or function.

    Python's own and not the one in C, whose memo takes as much memory as a number in the file says.
    """

    dispatch: ClassVar = {code: load for code, load in pickle._Unpickler.dispatch.items() if code != pickle.DUP[0]}

    def __init__(self, file: io.BytesIO, *, encoding: str) -> None:
        super().__init__(file, encoding=encoding)
        self.memo = _Memo()

    def find_class(self, module: str, name: str) -> object:
        if (module, name) == ("numpy", "ndarray"):
            return np.ndarray
        if (module, name) == ("numpy", "dtype"):
            return np.dtype
        if (module, name) == ("_codecs", "encode"):
            return _encode
        # numpy's module moved from `core` to `_core`; the function is the same one.
        if module in ("numpy.core.multiarray", "numpy._core.multiarray") and name == "_reconstruct":
            return np.empty(0).__reduce__()[0]
        raise pickle.UnpicklingError(f"it asks for {module}.{name}, which no CIFAR batch needs; it was not run")


FORMAT = Format("CIFAR", find, read)
