"""Reads a folder with one folder of images per class, or a tar archive of one.

Optional folders `train` and `test` (or `val`) above the classes make the splits. Classes are sorted by name, as numbers
when all of them are. Files that are not named like images are ignored; an archive is read in place, never unpacked.
"""

import contextlib
import io
import tarfile
import zlib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

import numpy as np

from archwright.errors import DataError
from archwright.evaluation.data.sources import EncodedImages, Format, RawSplit, Source, SplitName

IMAGE_SUFFIXES = frozenset({".png", ".jpg", ".jpeg", ".bmp", ".gif", ".webp", ".ppm", ".pgm"})
_SPLIT_FOLDERS = {SplitName.TRAIN: ("train", "training"), SplitName.TEST: ("test", "val", "valid", "validation")}
_ARCHIVE_ENDS = (".tar", ".tgz", ".tar.gz")


def find(path: Path) -> Source | None:
    """Return the data set of class folders at a folder or archive, or None."""
    if path.is_file():
        return Source(FORMAT.name, path, (path,), (path,)) if path.name.endswith(_ARCHIVE_ENDS) else None
    train, test = (next((path / n for n in names if (path / n).is_dir()), None) for names in _SPLIT_FOLDERS.values())
    if train is not None and _class_folders(train):
        return Source(FORMAT.name, path, (train,), (test,) if test is not None else ())
    folders = _class_folders(path)
    if folders and any(_images_in(folder) for folder in folders):
        return Source(FORMAT.name, path, (path,), ())
    return None


def count(source: Source, split: SplitName) -> int:
    """Return the number of files named like images."""
    return len(_list(source, split))


def read(source: Source, split: SplitName) -> RawSplit:
    """Return the labels and the still compressed images of a split.

    Raises DataError for an empty class folder, and for a class of the test split that the training images lack.
    """
    names = _class_names(source)
    codes = {name: code for code, name in enumerate(names)}
    files = _list(source, split)
    unknown = next((file for file in files if file.parts[0] not in codes), None)
    if unknown is not None:
        raise DataError(
            f"{source.root}: class '{unknown.parts[0]}' is in the {split} split but not among the training images",
            "add training images of that class, or remove the folder",
        )
    labels = np.array([codes[file.parts[0]] for file in files], dtype=np.int64)
    return RawSplit(labels, names, EncodedImages(len(files), lambda: _contents(source, split, files)))


def _class_names(source: Source) -> tuple[str, ...]:
    filled = {file.parts[0] for file in _list(source, SplitName.TRAIN)}
    if source.root.is_dir():
        for folder in _class_folders(source.train[0]):
            if folder.name not in filled:
                raise DataError(f"the class folder {folder} has no images", "add images to it, or remove it")
    if all(name.isdecimal() for name in filled):
        return tuple(sorted(filled, key=lambda name: (int(name), name)))
    return tuple(sorted(filled))


def _list(source: Source, split: SplitName) -> list[PurePosixPath]:
    """Return the images of a split as class/.../file, sorted."""
    if source.root.is_dir():
        (top,) = source.paths(split)
        return sorted(
            PurePosixPath(file.relative_to(top).as_posix())
            for folder in _class_folders(top)
            for file in _images_in(folder)
        )
    with _archive(source.root) as archive:
        members = [_place(member, split) for member in archive]
    files = sorted(place for place in members if place is not None)
    if not files:
        raise DataError(
            f"{source.root} has no {split} images",
            f"an archive holds class folders below {' or '.join(_SPLIT_FOLDERS[split])}",
        )
    return files


def _contents(source: Source, split: SplitName, files: list[PurePosixPath]) -> Iterator[tuple[int, str, bytes]]:
    if source.root.is_dir():
        (top,) = source.paths(split)
        for row, file in enumerate(files):
            path = top / file
            try:
                yield row, str(path), path.read_bytes()
            except OSError as error:
                raise DataError(f"{path} cannot be read ({error})", "correct its permissions, or remove it") from None
        return
    rows = {file: row for row, file in enumerate(files)}
    with _archive(source.root) as archive:
        for member in archive:
            place = _place(member, split)
            if place is not None:
                with contextlib.closing(archive.extractfile(member) or io.BytesIO()) as stream:
                    yield rows[place], f"{source.root}: {place}", stream.read()


def _place(member: tarfile.TarInfo, split: SplitName) -> PurePosixPath | None:
    """Return class/.../file for an image of `split`, None for anything else."""
    parts = PurePosixPath(member.name).parts
    if not member.isfile() or PurePosixPath(member.name).suffix.lower() not in IMAGE_SUFFIXES:
        return None
    for depth, part in enumerate(parts[:-2]):
        if part in _SPLIT_FOLDERS[split]:
            return PurePosixPath(*parts[depth + 1 :])
    return None


@contextlib.contextmanager
def _archive(path: Path) -> Iterator[tarfile.TarFile]:
    try:
        with tarfile.open(path) as archive:
            yield archive
    except (tarfile.TarError, OSError, EOFError, zlib.error) as error:
        raise DataError(f"{path} is damaged ({error})", "copy or download the archive again") from None


def _class_folders(path: Path) -> list[Path]:
    return sorted(child for child in path.iterdir() if child.is_dir() and not child.name.startswith("."))


def _images_in(folder: Path) -> list[Path]:
    return [file for file in folder.rglob("*") if file.suffix.lower() in IMAGE_SUFFIXES and file.is_file()]


FORMAT = Format("class folders", find, count, read)
