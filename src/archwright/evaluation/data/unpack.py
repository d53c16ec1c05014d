"""Unpacks .zip and .tar archives into the cache, once, where they are read like any folder.

Archives that lie together in a folder, as `train.zip` and `test.zip` do, become folders of one data set.

An archive is a stranger's: only regular files are written, each below its folder whatever its name says, links are
refused, and files and bytes are counted while they are written, so that no small file fills the disk.
"""

import errno
import hashlib
import os
import re
import shutil
import stat
import tarfile
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO

from archwright.errors import DataError
from archwright.evaluation.data.sources import is_pointer, pointer
from archwright.evaluation.data.storage import cache_folder, writing
from archwright.evaluation.data.tree import files_in, is_ignored, is_table
from archwright.resumable import sync

MAX_BYTES = 256 << 30
"""Of all files in one archive."""
MAX_FILES = 5_000_000
MAX_RATIO = 200
"""Times that files may be larger than the archive, once they are beyond FREE_BYTES."""
FREE_BYTES = 1 << 30
_ENDS = (".zip", ".tar", ".tgz", ".tar.gz", ".tbz2", ".tar.bz2", ".txz", ".tar.xz")
_COPY_AGAIN = "copy or download the archive again"
_BLOCK = 1 << 20


def is_archive(path: Path) -> bool:
    """Return whether a file is named like an archive that we unpack."""
    return path.name.lower().endswith(_ENDS) and path.is_file()


def title_of(path: Path) -> str:
    """Return the name of an archive without its ending."""
    end = max((end for end in _ENDS if path.name.lower().endswith(end)), key=len, default="")
    return path.name[: len(path.name) - len(end)] or path.name


def archives_in(folder: Path) -> list[Path]:
    """Return the archives directly in a folder."""
    return [file for file in files_in(folder) if is_archive(file)]


def unpacked(path: Path) -> Path:
    """Return the folder with the files of the archive at `path`, unpacked now or before.

    Those of a folder are unpacked into folders of their names, and tables beside them are copied there.
    Raises DataError for a damaged, encrypted or hostile archive, StorageError when the cache cannot be written.
    """
    try:
        archives = archives_in(path) if path.is_dir() else [path]
        tables = [file for file in files_in(path) if is_table(file)] if path.is_dir() else []
        found = [file.stat() for file in (*archives, *tables)]
    except OSError as error:
        raise DataError(f"{path} cannot be read ({error})", "correct its permissions or copy it again") from None
    stem = re.sub(r"[^a-z0-9]+", "-", title_of(path).lower()).strip("-")[:40]
    place = hashlib.sha256(str(path.absolute()).encode("utf-8", "surrogateescape")).hexdigest()[:10]
    facts = "\n".join(f"{file.st_size} {file.st_mtime_ns} {file.st_ctime_ns} {file.st_ino}" for file in found)
    version = hashlib.sha256(facts.encode()).hexdigest()[:10]
    folder = cache_folder() / "unpacked" / f"{stem}-{place}-{version}"
    if folder.is_dir():
        return folder
    with writing(folder.parent, f"{stem}-{place}.lock"):
        if not folder.is_dir():
            for left_over in folder.parent.glob(f"{stem}-{place}-*"):
                # An older archive of this name, or what a killed process left: whoever writes holds the lock.
                shutil.rmtree(left_over, ignore_errors=True)
            temporary = Path(tempfile.mkdtemp(prefix=f"{stem}-{place}-", suffix=".tmp", dir=folder.parent))
            try:
                for archive, status in zip(archives, found, strict=False):
                    _unpack(archive, temporary / title_of(archive) if path.is_dir() else temporary, status.st_size)
                for table in tables:
                    shutil.copyfile(table, temporary / table.name)
                os.sync()  # File by file, tens of thousands of images would take minutes.
                temporary.rename(folder)
                sync(folder.parent)
            finally:
                shutil.rmtree(temporary, ignore_errors=True)
    return folder


@dataclass
class _Allowance:
    """What may still be written."""

    archive: Path
    files: int
    bytes: int

    def use(self, *, files: int = 0, size: int = 0) -> None:
        """Raise DataError when it is used up."""
        self.files -= files
        self.bytes -= size
        if self.files < 0 or self.bytes < 0:
            raise DataError(
                f"{self.archive} holds far more than an archive of its size should",
                "if you trust it, unpack it yourself and name the folder",
            )


def _unpack(path: Path, target: Path, size: int) -> None:
    allowance = _Allowance(path, MAX_FILES, min(MAX_BYTES, max(FREE_BYTES, MAX_RATIO * size)))
    count = 0
    for name, stream in _members(path, allowance):
        place = _place(path, name)
        if place is None:
            continue
        file = target / place
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            output = file.open("wb")
        except (FileExistsError, NotADirectoryError, IsADirectoryError):
            raise DataError(f"{path}: {name} is a file and a folder", _COPY_AGAIN) from None
        except OSError as error:
            if error.errno != errno.ENAMETOOLONG:
                raise
            raise DataError(f"{path} holds a name that is too long ({name[:60]!r} ...)", _COPY_AGAIN) from None
        with output:
            while block := _read(path, name, stream):
                allowance.use(size=len(block))
                output.write(block)
        count += 1
    if not count:
        raise DataError(f"{path} holds no files", "give an archive of a data set")


def _members(path: Path, allowance: _Allowance) -> Iterator[tuple[str, IO[bytes]]]:
    """Yield the name and contents of every regular file, in the archive's order."""
    with _reading(path):
        if path.suffix.lower() == ".zip":
            with zipfile.ZipFile(path) as archive:
                allowance.use(files=len(archive.infolist()))
                for entry in archive.infolist():
                    if stat.S_ISLNK(entry.external_attr >> 16):
                        raise _link(path, entry.filename)
                    if entry.flag_bits & 1:
                        raise DataError(f"{path} is encrypted", "unpack it yourself and name the folder")
                    if not entry.is_dir():
                        with archive.open(entry) as stream:
                            yield entry.filename, stream
            return
        with tarfile.open(path) as archive_file:
            for member in archive_file:
                allowance.use(files=1)
                if member.issym():
                    raise _link(path, member.name)
                # A second name of a file that came before, as tar writes it, is that file again.
                if (member.isfile() or member.islnk()) and (found := archive_file.extractfile(member)):
                    with closing(found):
                        yield member.name, found


def _read(path: Path, name: str, stream: IO[bytes]) -> bytes:
    with _reading(path, f": {name}"):
        return stream.read(_BLOCK)


@contextmanager
def _reading(path: Path, where: str = "") -> Iterator[None]:
    damages = (tarfile.TarError, zipfile.BadZipFile, OSError, EOFError, zlib.error, KeyError, ValueError)
    try:
        yield
    except (*damages, NotImplementedError, RecursionError, RuntimeError) as error:
        reason = (str(error).splitlines() or [type(error).__name__])[0].rstrip(":")
        if is_pointer(path):
            raise pointer(path) from None
        raise DataError(f"{path}{where} is damaged ({reason})", _COPY_AGAIN) from None


def _place(path: Path, name: str) -> PurePosixPath | None:
    """Return where a file goes below the target, None for one that is no data; DataError for one that leads out."""
    parts = [part for part in name.replace("\\", "/").split("/") if part not in ("", ".")]
    if not parts or name.startswith(("/", "\\")) or ".." in parts or "\0" in name or ":" in parts[0]:
        raise DataError(f"{path} holds a file whose name leads out of it ({name!r})", _COPY_AGAIN)
    return None if any(map(is_ignored, parts)) else PurePosixPath(*parts)


def _link(path: Path, name: str) -> DataError:
    return DataError(
        f"{path} holds a link ({name!r}), which is not followed", "pack the files themselves, or unpack it yourself"
    )
