"""The folder in which the boxes of one sandbox have their scratch folders, and what is left of those nobody owns.

An owner holds a lock on its folder for as long as it lives: the kernel releases it however the owner ends, so that the
next run knows what a killed one has left behind.
"""

import contextlib
import fcntl
import os
import secrets
import tempfile
from pathlib import Path

from archwright.errors import StorageError

PREFIX = "archwright-boxes-"
MOST_BYTES, MOST_FILES = 32 * 2**20, 1_000
"""What a scratch folder may hold."""
BLOCK_BYTES = 512
"""Unit of `st_blocks`."""
_TRIES = 9


class OwnedFolder:
    """A new folder in the temporary folder, ours until it is removed."""

    def __init__(self) -> None:
        """Remove what ended runs left and make a folder; raises StorageError where there is no place for one."""
        try:
            _sweep()
            for _ in range(_TRIES):
                self.path = tempfile.mkdtemp(prefix=PREFIX)
                self._lock = _lock(self.path)
                if self._lock is not None:
                    return
        except OSError as error:
            raise StorageError(f"no temporary folder: {error}", "set TMPDIR to a folder that can be written") from error
        raise StorageError("every new temporary folder is removed at once", "set TMPDIR to another folder")

    def remove(self) -> None:
        """Remove it with everything in it."""
        remove_folder(self.path)
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None


def _sweep() -> None:
    """Remove the folders of owners that are gone; another user's are none of our business."""
    for path in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        with contextlib.suppress(OSError):  # somebody else was faster
            lock = _lock(str(path))
            if lock is not None:
                remove_folder(str(path))
                os.close(lock)


def _lock(path: str) -> int | None:
    """Return the descriptor that holds the lock on our own folder, or None where another process owns it or it is gone.

    A run that sweeps takes a folder between its making and its locking for one that nobody owns.
    """
    try:
        number = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    try:
        if os.fstat(number).st_uid == os.getuid():
            fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if Path(path).exists():
                return number
    except OSError:
        pass
    os.close(number)
    return None


def is_full(folder: str) -> bool:
    """Return whether a folder holds more than it may, or cannot be looked through to its end."""
    size = count = 0
    waiting = [folder]
    while waiting and count <= MOST_FILES and size <= MOST_BYTES:
        try:
            with os.scandir(waiting.pop()) as entries:
                for entry in entries:
                    count += 1
                    size += entry.stat(follow_symlinks=False).st_blocks * BLOCK_BYTES
                    if entry.is_dir(follow_symlinks=False):
                        waiting.append(entry.path)
                    if count > MOST_FILES:
                        break
        except (FileNotFoundError, NotADirectoryError):
            continue  # moved or removed while we looked
        except OSError:
            return True
    return bool(waiting) or count > MOST_FILES or size > MOST_BYTES


def remove_folder(folder: str) -> None:
    """Remove a folder in which a candidate may have taken rights away or nested folders without end.

    Inner folders are moved up before they are emptied: no path gets long. Whatever cannot be removed is left.
    """
    top = Path(folder)
    waiting = [top]
    moved_to = f"{secrets.token_hex(8)}-"  # a name that nothing in there can have
    count = 0
    while waiting:
        parent = waiting.pop()
        with contextlib.suppress(OSError):
            parent.chmod(0o700)
            for entry in list(parent.iterdir()):
                with contextlib.suppress(OSError):
                    if entry.is_symlink() or not entry.is_dir():
                        entry.unlink()
                        continue
                    entry.chmod(0o700)  # moving a folder changes it
                    waiting.append(entry.rename(top / f"{moved_to}{count}"))
                    count += 1
            parent.rmdir()  # in vain for the top, where the others are now
    with contextlib.suppress(OSError):
        top.rmdir()
