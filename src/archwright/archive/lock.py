"""One writer per study: a lock on a file that the kernel releases however the process ends."""

import fcntl
import os
import weakref
from pathlib import Path

from archwright.errors import StudyBusyError

_held: "weakref.WeakSet[StudyLock]" = weakref.WeakSet()


class StudyLock:
    """Holds the exclusive lock on a file until `release`, or until the process ends.

    A forked child does not keep it: a worker that outlives a killed study must not block its resumption.
    """

    def __init__(self, path: Path) -> None:
        """Take the lock; the file is created when missing and otherwise left as it is.

        Raises StudyBusyError, naming the holder, when another process has it, and OSError.
        """
        try:
            self._file = os.open(path, os.O_RDWR)
        except FileNotFoundError:
            self._file = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            holder = _holder(self._file)
            self.release()
            raise StudyBusyError(
                f"{holder} is running the study {path.parent}", "wait for it or stop it, then try again"
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


def _holder(file: int) -> str:
    text = os.pread(file, 32, 0).decode("ascii", "replace").strip()
    if text.isdigit() and _is_running(int(text)):
        return f"process {text}"
    return "another process"


def _is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _release_in_child() -> None:
    for lock in list(_held):
        lock.release()


os.register_at_fork(after_in_child=_release_in_child)
