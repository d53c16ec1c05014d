"""What folders that a killed run goes on in have in common: studies, fine-tunings, models of cells.

One process at a time works in such a folder, and its files are there whole or not at all, after a power cut as well:
what is written anew is on disk before it takes its name.
"""

import errno
import fcntl
import glob
import json
import os
import shutil
import sqlite3
import tempfile
import time
import weakref
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from archwright.errors import StorageError, StudyBusyError, UsageError

DISK_REMEDY = "check the folder and its free space, then run the command again"
BUSY_S = 30.0
"""How long to wait for another process that writes a SQLite file."""
GONE_S = 1.0
"""How long to wait for what a killed process leaves for an instant: a child between its start and its program."""
_OF_THE_DISK = ("SQLITE_FULL", "SQLITE_READONLY", "SQLITE_CANTOPEN", "SQLITE_PERM", "SQLITE_IOERR", "SQLITE_BUSY")
_PART = ".part-"
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW
_held: "weakref.WeakSet[FolderLock]" = weakref.WeakSet()


class FolderLock:
    """Holds the exclusive lock on a file until `release`, or until the process ends, however it ends.

    A forked child does not keep it: a worker that outlives a killed run must not block its resumption.
    """

    def __init__(self, path: Path, doing: str = "running the study") -> None:
        """Take the lock; the file is created when missing and otherwise left as it is.

        Raises StudyBusyError, naming the holder, when another process has it, and OSError.
        """
        try:
            self._file = os.open(path, os.O_RDWR)
        except FileNotFoundError:
            self._file = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
        try:
            _take(self._file)
        except OSError:
            holder = _holder(self._file) or "another process"
            self.release()
            raise StudyBusyError(
                f"{holder} is {doing} {path.parent}", "wait for it or stop it, then try again"
            ) from None
        _held.add(self)

    def sign(self) -> None:
        """Write the process id into the file, for the message of those who find it locked."""
        os.ftruncate(self._file, 0)
        os.pwrite(self._file, f"{os.getpid()}\n".encode(), 0)

    def release(self) -> None:
        """Give the lock back; harmless when that was done."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1


def require_empty(folder: Path) -> None:
    """Raise UsageError when there is something in `folder` already: a new run must not mix with an old one.

    Hidden files do not count: one that was killed while it began leaves some.
    """
    if folder.exists() and any(not path.name.startswith(".") for path in folder.iterdir()):
        raise UsageError(f"there is already something in {folder}", "add --resume to go on, or give a new folder")


@contextmanager
def training_alone(folder: Path) -> Iterator[None]:
    """Hold the lock of a folder that models are trained in; raises StudyBusyError when another process has it."""
    lock = FolderLock(folder / ".lock", "training in")
    lock.sign()
    try:
        yield
    finally:
        lock.release()


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Give a file to write that becomes `path` at the end: what was there stays until then, and when writing fails.

    What killed processes left of theirs is removed. Raises OSError with the name of `path`, also where that is no
    file: a device would be lost.
    """
    if path.parent == Path("/dev") or (path.exists() and not path.is_file()):
        raise OSError(errno.EINVAL, "it is no file", str(path))
    scratch = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        for left in path.parent.glob(f".{glob.escape(path.name)}.*"):
            if (number := left.name.rpartition(".")[2]).isdecimal() and not _is_running(int(number)):
                with suppress(OSError):
                    left.unlink()
        scratch.unlink(missing_ok=True)  # It could be a link that came with the folder.
        yield scratch
        publish(scratch, path)
    except BaseException as error:
        with suppress(OSError):
            scratch.unlink()
        if isinstance(error, OSError):  # A full disk names no file, others the one beside it.
            error.filename, error.filename2 = str(path), None
        raise


@contextmanager
def scratch_beside(path: Path) -> Iterator[Path]:
    """Give an empty folder beside `path`, to write what becomes it, and remove what is left there at the end.

    What killed processes left of theirs is removed before.
    """
    remove_left(path)
    scratch, lock = _owned_folder(path)
    try:
        yield scratch
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
        os.close(lock)


def remove_left(path: Path) -> None:
    """Remove the folders beside `path` that processes which were killed had from `scratch_beside`."""
    for left in path.parent.glob(f".{glob.escape(path.name)}{_PART}*"):
        with suppress(OSError):
            lock = os.open(left, _FOLDER)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(left, ignore_errors=True)
            finally:
                os.close(lock)


def _owned_folder(path: Path) -> tuple[Path, int]:
    """Return a new folder beside `path` and the descriptor that holds its lock, which tells that its owner lives."""
    while True:
        folder = Path(tempfile.mkdtemp(prefix=f".{path.name}{_PART}", dir=path.parent))
        with suppress(FileNotFoundError):
            lock = os.open(folder, _FOLDER)
            with suppress(OSError):  # Some file systems of networks lock no folders: nothing is removed there, either.
                fcntl.flock(lock, fcntl.LOCK_EX)
            if folder.exists():  # Else it was taken for a left-over before it was locked.
                return folder, lock
            os.close(lock)


def publish(scratch: Path, path: Path) -> None:
    """Give a complete file or folder its place; when this returns, all of it outlives a power cut.

    A file that takes its name before it is on disk can be empty after one.
    """
    sync_all(scratch)
    scratch.replace(path)
    with suppress(PermissionError):  # Of a folder that may be written and not read.
        sync(path.parent)


def publish_database(scratch: Path, path: Path) -> None:
    """Give a new SQLite file its place as `publish` does, once it is one that writes ahead.

    To become so behind its place it needs a rollback journal, which a kill leaves, and a database with one is refused
    (`foreign_database`). Nothing is in the log when it closes, so a full disk loses nothing; where it refuses even
    this, the database is what it was.
    """
    with suppress(sqlite3.Error), closing(sqlite3.connect(scratch)) as database:
        database.execute("PRAGMA journal_mode = WAL")
    publish(scratch, path)


def sync_all(path: Path) -> None:
    """Return when a file, or a folder with everything below it, outlives a power cut."""
    for below in path.rglob("*") if path.is_dir() else ():
        sync(below)
    sync(path)


@contextmanager
def writing(what: object, remedy: str = "free some space", *also: type[Exception]) -> Iterator[None]:
    """Raise StorageError where the disk, or a library by one of the exceptions `also`, refuses a file.

    It is called by its name where the system gives one, else `what`.
    """
    refusals: tuple[type[Exception], ...] = (OSError, *also)
    try:
        yield
    except refusals as error:
        name = getattr(error, "filename2", None) or getattr(error, "filename", None) or what
        reason = getattr(error, "strerror", None) or error
        raise StorageError(f"{name} cannot be written: {reason}", remedy) from error


def replace_text(path: Path, text: str, remedy: str) -> None:
    """Write `text` to `path`, whole or not at all, in a folder that is made when missing.

    Raises StorageError with `remedy`.
    """
    with writing(path, remedy):
        path.parent.mkdir(parents=True, exist_ok=True)
        with replacing(path) as scratch:
            scratch.write_text(text, "utf-8", errors="replace")


def is_of_the_disk(error: Exception) -> bool:
    """Return whether SQLite says by `error` that the reason is not in its file."""
    return str(getattr(error, "sqlite_errorname", "")).startswith(_OF_THE_DISK)


def sync(path: Path) -> None:
    """Return when what was written to a file, or which names are in a folder, outlives a power cut."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno != errno.EINVAL:  # Some file systems of networks cannot do it for folders.
            raise
    finally:
        os.close(descriptor)


def replace_json(path: Path, document: object) -> None:
    """Write a JSON document that is there whole or not at all; raises OSError."""
    with replacing(path) as scratch:
        scratch.write_text(json.dumps(document, indent=1) + "\n", "utf-8")


def _take(file: int) -> None:
    """Lock `file`; raises OSError when another process has it, at once when that has signed and runs.

    A killed run's child that was about to start a program has the lock until it does, for an instant after the run.
    """
    give_up = time.monotonic() + GONE_S
    while True:
        try:
            return fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            if _holder(file) or time.monotonic() > give_up:
                raise
        time.sleep(0.01)


def _holder(file: int) -> str | None:
    text = os.pread(file, 32, 0).decode("ascii", "replace").strip()
    return f"process {text}" if text.isdigit() and _is_running(int(text)) else None


def _is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        return True
    return True


def _release_in_child() -> None:
    for lock in list(_held):
        lock.release()


os.register_at_fork(after_in_child=_release_in_child)
