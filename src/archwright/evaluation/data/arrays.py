"""Reads numpy files: an .npz with arrays like `x_train`, `y_train`, `test_images`, `test_labels`, or such .npy files.

Their names say in words which split an array belongs to and whether it holds images or labels. Images are (N, H, W),
(N, H, W, C) or (N, C, H, W) of any number type; nothing pickled is loaded.
"""

import re
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from archwright.errors import DataError
from archwright.evaluation.data.labels import as_integers, encode_labels, name_classes, text_values
from archwright.evaluation.data.sources import Format, RawSplit, Reading, Source, SplitName, listed, unreadable
from archwright.evaluation.data.tree import files_in, folders_in
from archwright.evaluation.data.unpack import FREE_BYTES, MAX_BYTES, MAX_RATIO
from archwright.evaluation.data.words import SplitWord, parts_of, split_word

_IMAGES = frozenset({"x", "image", "images", "img", "imgs", "data", "pixels", "features", "inputs", "samples"})
_LABELS = frozenset({"y", "label", "labels", "lbl", "lbls", "target", "targets", "class", "classes"})
_NAMES = frozenset({"class_names", "label_names", "target_names", "classes", "categories"})
"""What tables of the classes' names are called; they are no labels where another array is."""
_SHORT = {"r": "train", "e": "test"}
_CHANNELS = (1, 3, 4)
_SAVE_AGAIN = "store plain arrays with numpy.savez again"


@dataclass(frozen=True, slots=True)
class _Array:
    """One array that is known by name and not loaded."""

    file: Path
    name: str
    """In the .npz; empty for an .npy file."""
    folder: str
    """What the folder of a split is called, below the data set."""
    is_alone: bool = False
    """Whether its file holds no other and gives it no name, as numpy.savez stores what it is not told the name of."""

    @property
    def words(self) -> str:
        """The name that says what the array is."""
        return self.file.stem if self.is_alone or not self.name else self.name


def find(path: Path) -> Source | None:
    """Return the data set in an .npz file, or in a folder of .npz or .npy files, or None."""
    files = [path] if path.is_file() else _files(path)
    numpy_files = [file for file in files if file.suffix.lower() in (".npz", ".npy")]
    arrays = [array for file in numpy_files for array in _arrays(file, path)]
    splits = {word: tuple(a for a in arrays if _split_of(a) is word) for word in (*SplitWord, None)}
    train = splits[SplitWord.TRAIN] or splits[None]
    test = splits[SplitWord.TEST] or splits[SplitWord.VALIDATION]
    if not train or (files != numpy_files and not any(_is(array, _IMAGES) for array in train)):
        return None
    places = [tuple(dict.fromkeys(array.file for array in found)) for found in (train, test)]
    unused = [array.words for array in arrays if array not in {*train, *test}]
    notes = (f"arrays not used: {listed(unused)}",) if unused else ()
    return Source(FORMAT.name, path, places[0], places[1], notes)


def read(source: Source, split: SplitName) -> RawSplit:
    """Return the images and labels of a split; raises DataError for arrays that are none."""
    pair = images_array, labels_array = _pair(source, split)
    images, labels = _load(images_array), _load(labels_array)
    where = labels_array.file
    pixels = _as_pixels(images, images_array)
    if not labels.ndim:
        raise DataError(f"{where}: labels of shape ()", "store one class per image")
    if len(pixels) != len(labels):
        raise DataError(
            f"{where} has {len(pixels):,} images ({images_array.words}) and {len(labels):,} labels "
            f"({labels_array.words})",
            "store as many labels as images",
        )
    train = labels if split == SplitName.TRAIN else _load(_pair(source, SplitName.TRAIN)[1])
    names = name_classes(_values(train, where), where)
    unused = [array.words for array in _own(source, split) if array not in pair]
    notes = (f"arrays not used: {listed(unused)}",) if unused else ()
    return RawSplit(encode_labels(_values(labels, where), names, where, split), names, pixels, notes)


def _files(folder: Path) -> list[Path]:
    """Return the files in a folder, or those in its folders of splits."""
    splits = [child for child in folders_in(folder) if split_word(child.name)]
    return [*files_in(folder), *(file for child in splits for file in files_in(child))]


def _own(source: Source, split: SplitName) -> list[_Array]:
    """Return the arrays of a split."""
    arrays = [array for file in source.paths(split) for array in _arrays(file, source.root)]
    wanted = SplitWord.TRAIN if split == SplitName.TRAIN else SplitWord.TEST
    by_split = {word: [a for a in arrays if _split_of(a) is word] for word in (*SplitWord, None)}
    spare = None if split == SplitName.TRAIN else SplitWord.VALIDATION
    return by_split[wanted] or by_split[spare]


def _pair(source: Source, split: SplitName) -> tuple[_Array, _Array]:
    own, reading = _own(source, split), source.reading
    return _one(source, split, own, _IMAGES, reading), _one(source, split, own, _LABELS, reading)


def _one(source: Source, split: SplitName, arrays: list[_Array], words: frozenset[str], reading: Reading) -> _Array:
    kind, option = ("images", "data.image_column") if words is _IMAGES else ("labels", "data.label_column")
    chosen = reading.image_column if words is _IMAGES else reading.label_column
    found = [array for array in arrays if (array.words == chosen if chosen else _is(array, words))]
    if not found and chosen in {
        array.words for file in (*source.train, *source.test) for array in _arrays(file, source.root)
    }:
        # The option names the array of one split.
        found = [array for array in arrays if _is(array, words)]
    if len(found) > 1 and words is _LABELS:
        found = [array for array in found if array.words.lower() not in _NAMES] or found
    if len(found) != 1:
        state = "several arrays" if found else "no array"
        raise DataError(
            f"{source.root} has {state} with the {kind} of the {split} split; "
            f"its arrays are {listed([array.words for array in arrays])}",
            f"call them x_train, y_train, x_test and y_test, or set {option} to the array's name",
        )
    return found[0]


def _split_of(array: _Array) -> SplitWord | None:
    names = (_apart(array.words), array.file.stem, array.folder)
    return next((word for name in names if (word := split_word(name))), None)


def _apart(name: str) -> str:
    """Return `xtrain`, `y_te` and `trainX` as `x train`, `y test` and `train X`."""
    name = re.sub(
        r"^([xy])(?=train|test|val|t[re]$)|(?:(?<=train)|(?<=test)|(?<=val))(?=[xy]$)",
        r"\1 ",
        name,
        flags=re.IGNORECASE,
    )
    return re.sub(r"(?<![a-z])t([re])(?![a-z])", lambda found: _SHORT[found[1].lower()], name, flags=re.IGNORECASE)


def _is(array: _Array, words: frozenset[str]) -> bool:
    if array.words in ("arr_0", "arr_1"):
        return (array.words == "arr_0") == (words is _IMAGES)
    return bool(words & set(parts_of(_apart(array.words))))


def _arrays(file: Path, root: Path) -> list[_Array]:
    folder = file.parent.name if file.parent not in (root, root.parent) else ""
    if file.suffix.lower() == ".npy":
        return [_Array(file, "", folder)]
    try:
        with zipfile.ZipFile(file) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, OSError) as error:
        raise unreadable(file, "a numpy file", error, _SAVE_AGAIN) from None
    if sum(member.file_size for member in members) > min(MAX_BYTES, max(FREE_BYTES, MAX_RATIO * file.stat().st_size)):
        raise DataError(f"{file} unpacks to far more than a file of its size should", "store it with numpy.savez")
    names = [member.filename.removesuffix(".npy") for member in members if not member.is_dir()]
    return [_Array(file, name, folder, names == ["arr_0"]) for name in names]


def _load(array: _Array) -> NDArray[Any]:
    try:
        if not array.name:
            return np.asarray(np.load(array.file, allow_pickle=False, mmap_mode="r"))
        with np.load(array.file, allow_pickle=False) as arrays:
            return np.asarray(arrays[array.name])
    except (OSError, ValueError, KeyError, EOFError, MemoryError, zipfile.BadZipFile, zlib.error) as error:
        if "Object arrays cannot be loaded" in str(error) or "Python objects in dtype" in str(error):
            raise DataError(
                f"{array.file}: {array.words} holds Python objects (pickled), which are never loaded because they can "
                "run code",
                "store plain arrays: np.stack(images) for images of one size, labels as numbers or text",
            ) from None
        raise unreadable(array.file, "a numpy file", f"{array.words}: {error}", _SAVE_AGAIN) from None


def _as_pixels(images: NDArray[Any], array: _Array) -> NDArray[Any]:
    """Return images as (N, C, H, W) with one or three channels."""
    shape = images.shape
    if 0 in shape[1:]:
        raise DataError(f"{array.file}: {array.words} has shape {shape}: its images have no pixels", "store others")
    if images.ndim == 3:
        return images[:, None]
    if images.ndim == 4 and shape[3] in _CHANNELS and not (shape[1] in _CHANNELS and shape[2] not in _CHANNELS):
        images = images.transpose(0, 3, 1, 2)
    elif images.ndim != 4 or shape[1] not in _CHANNELS:
        raise DataError(
            f"{array.file}: {array.words} has shape {shape}", "store images as (N, H, W), (N, H, W, C) or (N, C, H, W)"
        )
    return images[:, :3] if images.shape[1] == 4 else images


def _values(labels: NDArray[Any], where: Path) -> NDArray[Any]:
    if labels.dtype.kind in "US":
        texts = np.char.decode(labels, "utf-8", "replace") if labels.dtype.kind == "S" else labels
        if texts.size != len(texts):
            raise DataError(f"{where}: labels of shape {labels.shape}", "store one class per image")
        return text_values(texts.ravel().tolist())
    return as_integers(labels, where)


FORMAT = Format("numpy", find, read, has_columns=True)
