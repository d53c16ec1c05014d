"""Reads the original CIFAR archives for Python, `cifar-10-python.tar.gz` and `cifar-100-python.tar.gz`, or extracted.

Their files are pickles. A pickle can run any code, so these are read by an unpickler that knows numpy arrays and
nothing else. CIFAR-100 is read with its 100 fine labels.
"""

import contextlib
import io
import pickle
import re
import tarfile
import zlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from archwright.errors import DataError
from archwright.evaluation.data.sources import Format, RawSplit, Source, SplitName, check_labels

SHAPE = (3, 32, 32)
_ARCHIVE = re.compile(r"cifar-100?-python\.(tar\.gz|tgz|tar)")
_TRAIN_NAME = re.compile(r"data_batch_\d+|train")
_TEST_NAME = re.compile(r"test_batch|test")
_META_NAME = re.compile(r"batches\.meta|meta")
_NAMES = {SplitName.TRAIN: _TRAIN_NAME, SplitName.TEST: _TEST_NAME}


def find(path: Path) -> Source | None:
    """Return the CIFAR data set at an archive or an extracted folder, or None."""
    if path.is_file():
        return Source(FORMAT.name, path, (path,), (path,)) if _ARCHIVE.fullmatch(path.name) else None
    files = sorted(file for file in path.glob("*") if file.is_file())
    # `train` and `test` alone could be anything; the meta file makes it CIFAR.
    if not any(_META_NAME.fullmatch(file.name) for file in files):
        return None
    train, test = (tuple(f for f in files if pattern.fullmatch(f.name)) for pattern in (_TRAIN_NAME, _TEST_NAME))
    return Source(FORMAT.name, path, train, test) if train else None


def count(source: Source, split: SplitName) -> int:
    """Return the number of labels; the pixels are skipped."""
    return sum(len(_labels(batch, where)) for where, batch in _batches(source, split, _LabelsUnpickler))


def read(source: Source, split: SplitName) -> RawSplit:
    """Return the images and labels of a split, batches in the order of their names.

    Raises DataError for a damaged archive, a missing batch and a pickle that holds anything but arrays.
    """
    images, labels = [], []
    for where, batch in _batches(source, split, _ArrayUnpickler):
        pixels = batch.get("data")
        codes = _labels(batch, where)
        size = int(np.prod(SHAPE))
        if not isinstance(pixels, np.ndarray) or pixels.dtype != np.uint8 or pixels.shape != (len(codes), size):
            raise DataError(f"{where} does not hold {len(codes)} x {size} bytes of images", _COPY_AGAIN)
        images.append(pixels.reshape(-1, *SHAPE))
        labels.append(codes)
    names = _class_names(source)
    codes = np.concatenate(labels)
    check_labels(codes, len(names), source.root)
    return RawSplit(codes, names, np.concatenate(images))


_COPY_AGAIN = "copy or download the archive again"


def _labels(batch: dict[str, object], where: str) -> NDArray[np.int64]:
    labels = batch.get("fine_labels", batch.get("labels"))
    if not isinstance(labels, list) or not all(isinstance(label, int) for label in labels):
        raise DataError(f"{where} has no list of labels", _COPY_AGAIN)
    return np.array(labels, dtype=np.int64)


def _class_names(source: Source) -> tuple[str, ...]:
    for where, meta in _unpickled(source, _META_NAME, _ArrayUnpickler):
        names = meta.get("fine_label_names", meta.get("label_names"))
        if isinstance(names, list) and names:
            return tuple(str(name) for name in names)
        raise DataError(f"{where} has no class names", _COPY_AGAIN)
    raise DataError(f"{source.root} has no file with the class names (batches.meta or meta)", _COPY_AGAIN)


def _batches(
    source: Source, split: SplitName, unpickler: type[pickle.Unpickler]
) -> Iterator[tuple[str, dict[str, object]]]:
    found = False
    for where, batch in _unpickled(source, _NAMES[split], unpickler):
        found = True
        yield where, batch
    if not found:
        raise DataError(f"{source.root} has no {split} batch", _COPY_AGAIN)


def _unpickled(
    source: Source, names: re.Pattern[str], unpickler: type[pickle.Unpickler]
) -> Iterator[tuple[str, dict[str, object]]]:
    for where, data in sorted(_contents(source.root, names)):
        try:
            # The published files were written by Python 2; latin1 turns its strings into ours, bytes included.
            batch = unpickler(io.BytesIO(data), encoding="latin1").load()
        except (pickle.UnpicklingError, EOFError, ValueError, KeyError, IndexError, TypeError, AttributeError) as error:
            raise DataError(f"{where} is not a CIFAR batch we can read ({error})", _COPY_AGAIN) from None
        if not isinstance(batch, dict):
            raise DataError(f"{where} holds a {type(batch).__name__}, not a batch", _COPY_AGAIN)
        yield where, batch


def _contents(root: Path, names: re.Pattern[str]) -> Iterator[tuple[str, bytes]]:
    """Yield (where it is, contents) of the files whose names match, from the archive or the folder."""
    try:
        if root.is_dir():
            for file in root.iterdir():
                if file.is_file() and names.fullmatch(file.name):
                    yield str(file), file.read_bytes()
            return
        with tarfile.open(root) as archive:
            for member in archive:
                if member.isfile() and names.fullmatch(Path(member.name).name):
                    with contextlib.closing(archive.extractfile(member) or io.BytesIO()) as stream:
                        yield f"{root}: {member.name}", stream.read()
    except (tarfile.TarError, OSError, EOFError, zlib.error) as error:
        raise DataError(f"{root} is damaged ({error})", _COPY_AGAIN) from None


def _encode(text: str, encoding: str) -> bytes:
    """Python 3 writes bytes for old pickle protocols as this call; only its own encoding is allowed."""
    if encoding != "latin1":
        raise pickle.UnpicklingError(f"encoding '{encoding}' in a pickle of arrays")
    return text.encode("latin1")


class _ArrayUnpickler(pickle.Unpickler):
    """Loads dicts, lists, text, bytes, numbers and numpy arrays; refuses every other class or function."""

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


class _Skipped:
    """Stands where an array would be; its contents are dropped."""

    def __init__(self, *_: object) -> None:
        pass

    def __setstate__(self, state: object) -> None:
        pass


class _LabelsUnpickler(_ArrayUnpickler):
    """The same, without ever building an array."""

    def find_class(self, module: str, name: str) -> object:
        super().find_class(module, name)
        return _Skipped


FORMAT = Format("CIFAR archive", find, count, read)
