"""Reads a folder with one folder of images per class.

Optional folders above the classes make the splits, under any name that says so (`words`). Classes are sorted by name,
as numbers when all of them are. Files that are not named like images are ignored.
"""

import re
from collections import Counter
from pathlib import Path

import numpy as np

from archwright.errors import DataError
from archwright.evaluation.data.labels import codes_of, order_names
from archwright.evaluation.data.sources import Format, RawSplit, Source, SplitName, from_files, listed
from archwright.evaluation.data.tree import (
    UNREAD_SUFFIXES,
    broken_links,
    files_below,
    files_in,
    folders_in,
    holds_images,
    images_below,
    is_image,
    is_table,
)
from archwright.evaluation.data.words import SplitWord, is_plain, split_word

_SORT = (
    "sort its images into one folder per class, list them with their classes in a CSV file beside it, or name the "
    "folder of the training images as the task: a fifth of them is then for the test"
)
_MASK = re.compile(r"(.+?)[ _-]?(?:mask|seg|segmentation)(?:[ _-]?\d+)?", re.IGNORECASE)


def find(path: Path) -> Source | None:
    """Return the data set of class folders at a folder, or None.

    Raises DataError where split folders are there and it cannot be said which images are for training.
    """
    if not path.is_dir():
        return None
    folders = folders_in(path)
    splits = {word: [folder for folder in folders if split_word(folder.name) is word] for word in SplitWord}
    others = [folder for folder in folders if split_word(folder.name) is None]
    if any(splits.values()) and not _are_classes(splits, others):
        return _with_splits(path, splits, others)
    filled = [folder for folder in folders if holds_images(folder)]
    if not filled or (len(filled) == 1 and not _has_images(filled[0])):
        # One folder that only holds folders is wrapped around the data set.
        return None
    notes = [_loose(path)] if _has_images(path) else []
    return Source(FORMAT.name, path, (path,), (), tuple(notes))


def read(source: Source, split: SplitName) -> RawSplit:
    """Return the labels and the still compressed images of a split.

    Raises DataError for an empty class folder, for images in no class folder, for a class of the test split that the
    training images lack, and for splits inside of the classes.
    """
    train = _classes(source.train[0], SplitName.TRAIN)
    names = order_names(set(train))
    (top,) = source.paths(split)
    classes = train if split == SplitName.TRAIN else _classes(top, split)
    codes = codes_of(classes, names)
    unknown = [name for name in classes if name not in codes]
    if unknown and len(classes) == 1:
        raise DataError(
            f"{top}, the {split} split, holds {len(classes[unknown[0]]):,} images in one folder, {unknown[0]}, which "
            f"is no class of the training images ({listed(names)})",
            _SORT,
        )
    if unknown:
        raise DataError(
            f"{top}: class '{unknown[0]}' is in the {split} split but not among the training images ({listed(names)})",
            f"add training images of that class, or remove the folder {top / unknown[0]}",
        )
    files = [(codes[name], file) for name in sorted(classes) for file in classes[name]]
    labels = np.array([code for code, _ in files], dtype=np.int64)
    alike = [f"{name!r} as {names[code]!r}" for name, code in codes.items() if names[code] != name]
    notes = [f"classes of the {split} split that are spelled otherwise are read: {listed(alike)}"] if alike else []
    notes += [*_unread(top), *_doubtful(top, classes)]
    return RawSplit(labels, names, from_files([file for _, file in files]), tuple(notes))


def tops_of_classes(path: Path) -> tuple[Path, ...]:
    """Return the folders of the splits that hold the class folders; none where there are no two class folders."""
    try:
        source = find(path)
    except DataError:
        return ()
    if source is None or sum(map(holds_images, folders_in(source.train[0]))) < 2:
        return ()
    return source.train + source.test


def explain(path: Path) -> str | None:
    """Return what is wrong with a folder of images that is no data set, or None when it holds no images."""
    images = images_below(path)
    if not images:
        suffixes = Counter(file.suffix.lower() for file in files_below(path))
        if unread := [suffix for suffix, _ in suffixes.most_common() if suffix in UNREAD_SUFFIXES]:
            return f"it holds {listed(unread)} images, which are not read: convert them to PNG or JPEG first"
        return None
    return f"its {len(images):,} images are in no class folders, and no CSV file beside them names their classes"


def _unread(top: Path) -> tuple[str, ...]:
    """Return notes on images of forms that are not read and links to none, which would be missed without a word."""
    notes = []
    if found := Counter(suffix for file in files_below(top) if (suffix := file.suffix.lower()) in UNREAD_SUFFIXES):
        kinds = listed([f"{count:,} {suffix}" for suffix, count in found.most_common()])
        notes.append(f"images of forms that are not read are left out ({kinds}): convert them to PNG or JPEG first")
    if links := [link for folder in folders_in(top) for link in broken_links(folder)]:
        notes.append(f"{len(links):,} links to images lead nowhere and are left out: {listed(links)}")
    return tuple(notes)


def _doubtful(top: Path, classes: dict[str, list[Path]]) -> tuple[str, ...]:
    """Return notes on folders that are probably splits, and files that are probably masks, of which people forget."""
    notes = []
    inside = {frozenset(child.name for child in folders_in(_top(top / name))) for name in classes}
    if (
        len(inside) == 1
        and len(classes) > 1
        and len(next(iter(inside))) > 1
        and not any(map(_has_images, folders_in(top)))
    ):
        (names,) = inside
        notes.append(
            f"{listed(sorted(classes))} are read as classes, though each holds the folders {listed(sorted(names))}: "
            "if those are the classes, call the folders above them train and test, or name one of them as the task"
        )
    stems = {file.with_suffix("") for images in classes.values() for file in images}
    if masks := [
        stem for stem in sorted(stems) if (found := _MASK.fullmatch(stem.name)) and stem.with_name(found[1]) in stems
    ]:
        notes.append(f"{len(masks):,} images are named like masks of others and count as images: {listed(masks, 3)}")
    return tuple(notes)


def _are_classes(splits: dict[SplitWord, list[Path]], others: list[Path]) -> bool:
    """Return whether folders named like splits are classes: `train` of CIFAR-100, or `test` beside `control`."""
    words = [word for word, folders in splits.items() if folders]
    candidates = [folder for word in words for folder in splits[word]]
    return (
        len(words) == 1
        and any(_has_images(folder) for folder in others)
        and all(_has_images(folder) and not folders_in(folder) for folder in candidates)
    )


def _with_splits(path: Path, splits: dict[SplitWord, list[Path]], others: list[Path]) -> Source | None:
    tops = {word: _top(_one(folders)) for word, folders in splits.items() if folders}
    if not any(map(holds_images, tops.values())):
        return None
    if SplitWord.TRAIN not in tops:
        raise DataError(
            f"{path} has a folder {listed([folder.name for found in splits.values() for folder in found])} "
            "but none for training",
            "call the folder of the training images 'train'",
        )
    train = tops.pop(SplitWord.TRAIN)
    test = tops.pop(SplitWord.TEST, None) or tops.pop(SplitWord.VALIDATION, None)
    unused = [*(folder for word in tops for folder in splits[word]), *others]
    unused += [folder for found in splits.values() for folder in found if len(found) > 1 and folder != _one(found)]
    notes = [f"{folder} is not used ({count:,} images)" for folder in unused if (count := len(images_below(folder)))]
    return Source(FORMAT.name, path, (train,), (test,) if test else (), tuple(notes))


def _one(folders: list[Path]) -> Path:
    """Return the folder of a split: the only one, or the only one whose name says nothing else."""
    plain = [folder for folder in folders if is_plain(folder.name)]
    for found in (folders, plain):
        if len(found) == 1:
            return found[0]
    raise DataError(
        f"{folders[0].parent} has several folders for one split: {listed([folder.name for folder in folders])}",
        "keep one of them there, or name the one to use as the task",
    )


def _top(folder: Path) -> Path:
    """Return the folder that holds the class folders: `seg_train/seg_train` for `seg_train`."""
    while not _has_images(folder):
        inside = [child for child in folders_in(folder) if holds_images(child)]
        if len(inside) != 1 or (_has_images(inside[0]) and split_word(inside[0].name) is None):
            break
        folder = inside[0]
    return folder


def _classes(top: Path, split: SplitName) -> dict[str, list[Path]]:
    """Return the images of every class folder in `top`."""
    classes = {folder.name: images_below(folder) for folder in folders_in(top)}
    if not classes or not any(classes.values()):
        count = sum(is_image(file) for file in files_in(top))
        if not count:
            raise DataError(f"{top}, the {split} split, holds no images", "add them, or remove that folder")
        beside = [file.name for file in files_in(top.parent) if is_table(file)]
        why = f", and no row of {listed(beside)} names one of them" if beside else ""
        raise DataError(
            f"{top}, the {split} split, holds {count:,} images in no class folder{why}",
            _SORT,
        )
    for name, images in classes.items():
        if not images:
            raise DataError(f"the class folder {top / name} has no images", _empty_remedy(top / name))
    splits = [[c for c in folders_in(top / name) if split_word(c.name) and _has_images(c)] for name in classes]
    if all(splits):
        inside = splits[0][0]
        raise DataError(
            f"{top} has its splits inside of its classes ({inside.relative_to(top)})",
            f"put the splits above: {inside.name}/{inside.parent.name}",
        )
    for name in classes:
        words = {split_word(child.name) for child in folders_in(top / name) if holds_images(child)}
        if {SplitWord.TRAIN, SplitWord.TEST} <= words or {SplitWord.TRAIN, SplitWord.VALIDATION} <= words:
            raise DataError(
                f"{top / name} has splits of its own, so {top} holds a data set and not classes",
                f"name {top / name} as the task",
            )
    return classes


def _empty_remedy(folder: Path) -> str:
    other = Counter(file.suffix.lower() or file.name for file in files_below(folder))
    found = f" (it has {listed([f'{count:,} {suffix}' for suffix, count in other.most_common()])})" if other else ""
    return f"add images to it as PNG, JPEG, TIFF, WebP, BMP, GIF or PGM{found}, or remove it"


def _has_images(folder: Path) -> bool:
    return any(is_image(file) for file in files_in(folder))


def _loose(path: Path) -> str:
    return f"{sum(is_image(file) for file in files_in(path)):,} images directly in {path} are in no class and not used"


FORMAT = Format("class folders", find, read)
