"""What lies in a folder that may be data: nothing hidden, nothing an operating system left, no devices.

Links are followed, because people link their disks together, but no folder is entered twice. Nothing here opens a file:
opening a FIFO could wait for ever.
"""

import errno
import os
from collections.abc import Callable, Iterator
from pathlib import Path

IMAGE_SUFFIXES = frozenset(
    {".png", ".jpg", ".jpeg", ".jpe", ".jfif", ".bmp", ".gif", ".webp", ".ppm", ".pgm", ".pbm", ".pnm", ".tif", ".tiff"}
)
UNREAD_SUFFIXES = frozenset(
    {".heic", ".heif", ".avif", ".jxl", ".jp2", ".svg", ".dcm", ".raw", ".dng", ".cr2", ".nef", ".arw", ".psd"}
    | {".tga", ".ico"}
)
"""Of images that we do not read."""
TABLE_SUFFIXES = frozenset({".csv", ".tsv", ".jsonl", ".ndjson"})
_LEFT_OVERS = frozenset({"@eadir", "$recycle.bin", "lost+found", "system volume information", "thumbs.db"})


def is_ignored(name: str) -> bool:
    """Return whether nothing of this name is data: hidden, `__MACOSX` and the like, an operating system's own."""
    return name.startswith((".", "__")) or name.lower() in _LEFT_OVERS


def is_image(path: Path) -> bool:
    """Return whether `path` is named like an image."""
    return path.suffix.lower() in IMAGE_SUFFIXES


def is_table(path: Path) -> bool:
    """Return whether `path` is named like a table of files and classes."""
    return path.suffix.lower() in TABLE_SUFFIXES


def folders_in(folder: Path) -> list[Path]:
    """Return the folders directly in `folder`, sorted by name."""
    return [Path(entry.path) for entry in _entries(folder) if _is(entry.is_dir)]


def files_in(folder: Path) -> list[Path]:
    """Return the regular files directly in `folder`, sorted by name."""
    return [Path(entry.path) for entry in _entries(folder) if _is(entry.is_file)]


def files_below(folder: Path, depth: int = 64) -> Iterator[Path]:
    """Yield the regular files at most `depth` folders below `folder`, sorted folder by folder."""
    return _below(folder, depth, {os.path.realpath(folder)})


def images_below(folder: Path) -> list[Path]:
    """Return the files below `folder` that are named like images."""
    return [file for file in files_below(folder) if is_image(file)]


def holds_images(folder: Path) -> bool:
    """Return whether there is a file named like an image below `folder`."""
    return any(is_image(file) for file in files_below(folder))


def broken_links(folder: Path) -> list[Path]:
    """Return the links directly in `folder` that are named like images and lead nowhere."""
    links = (Path(entry.path) for entry in _entries(folder) if entry.is_symlink())
    return [link for link in links if is_image(link) and not link.exists()]


def _below(folder: Path, depth: int, entered: set[str]) -> Iterator[Path]:
    entries = _entries(folder)
    yield from (Path(entry.path) for entry in entries if _is(entry.is_file))
    for entry in entries if depth else []:
        if _is(entry.is_dir):
            real = os.path.realpath(entry.path) if entry.is_symlink() else ""
            if real and any(place == real or place.startswith(f"{real}/") for place in entered):
                continue
            yield from _below(Path(entry.path), depth - 1, entered | {real} if real else entered)


def _is(kind: Callable[[], bool]) -> bool:
    """Return what an entry answers; a link that leads to itself is nothing."""
    try:
        return kind()
    except OSError as error:
        if error.errno != errno.ELOOP:
            raise
        return False


def _entries(folder: Path) -> "list[os.DirEntry[str]]":
    with os.scandir(folder) as entries:
        return sorted((entry for entry in entries if not is_ignored(entry.name)), key=lambda entry: entry.name)
