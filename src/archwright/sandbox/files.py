"""Files in memory with a fixed size, through which data go into a box and results come out.

What several boxes are given can carry nothing from one to another: nobody can change its bytes or its seals, reading
leaves no time behind, and every box gets a description of its own (`views`), so that position, locks and flags end
with the box.
"""

import contextlib
import fcntl
import os
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from archwright.errors import StorageError

_SEAL_SEAL, _SEAL_SHRINK, _SEAL_GROW, _SEAL_WRITE = 0x1, 0x2, 0x4, 0x8
_ADD_SEALS, _GET_SEALS = 1033, 1034
_SET_ATTRIBUTES, _NO_ACCESS_TIME = 0x40086602, (0x80).to_bytes(8, "little")
_CHUNK_BYTES = 2**26


def shared_copy(data: bytes | NDArray[Any]) -> int:
    """Return the descriptor of a file that holds `data` and that nobody can change any more; raises StorageError."""
    flat = np.frombuffer(data, np.uint8) if isinstance(data, bytes) else np.ascontiguousarray(data)
    view = flat.reshape(-1).view(np.uint8).data
    with _new_file() as number:
        written = 0
        while written < len(view):
            written += os.write(number, view[written : written + _CHUNK_BYTES])
        with contextlib.suppress(OSError):  # before Linux 6.1 a box can see when another one last read
            fcntl.ioctl(number, _SET_ATTRIBUTES, _NO_ACCESS_TIME)
        _seal(number, _SEAL_SHRINK | _SEAL_GROW | _SEAL_WRITE)
    return number


@contextlib.contextmanager
def views(files: Mapping[str, int]) -> Iterator[Mapping[str, int]]:
    """Yield `files` for one box: those that nobody can change opened anew for reading; raises StorageError."""
    opened: dict[str, int] = {}
    try:
        for name, number in files.items():
            if _is_unchangeable(number):
                opened[name] = _opened_anew(number)
        yield {**files, **opened}
    finally:
        for number in opened.values():
            os.close(number)


def _opened_anew(number: int) -> int:
    try:
        return os.open(f"/proc/self/fd/{number}", os.O_RDONLY | os.O_CLOEXEC)
    except OSError as error:
        raise StorageError(f"data cannot be handed over: {error}", "close files, and mount /proc") from error


def _is_unchangeable(number: int) -> bool:
    try:
        return bool(fcntl.fcntl(number, _GET_SEALS) & _SEAL_WRITE)
    except OSError:
        return False  # a pipe, or a system without memory files


def blank(size: int) -> int:
    """Return the descriptor of a file of `size` zero bytes that can neither grow nor shrink; raises StorageError."""
    with _new_file() as number:
        os.ftruncate(number, size)
        _seal(number, _SEAL_SHRINK | _SEAL_GROW)
    return number


@contextlib.contextmanager
def _new_file() -> Iterator[int]:
    """Yield the descriptor of an empty file without a name; it stays open unless filling it fails."""
    try:
        number = _create()
    except OSError as error:
        raise StorageError(f"no shared memory: {error}", "free memory or close files") from error
    try:
        yield number
    except OSError as error:
        os.close(number)
        raise StorageError(f"shared memory cannot be filled: {error}", "free memory, or use fewer images") from error


def _create() -> int:
    if hasattr(os, "memfd_create"):
        return os.memfd_create("archwright", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    number, path = tempfile.mkstemp(prefix="archwright-")
    Path(path).unlink()
    return number


def _seal(number: int, seals: int) -> None:
    """Add `seals` for good: nobody can add another one."""
    if hasattr(os, "memfd_create"):
        fcntl.fcntl(number, _ADD_SEALS, seals | _SEAL_SEAL)
