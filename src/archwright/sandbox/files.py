"""Files in memory with a fixed size, through which data go into a box and results come out."""

import contextlib
import fcntl
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from archwright.errors import StorageError

_SEAL_SHRINK, _SEAL_GROW, _SEAL_WRITE = 0x2, 0x4, 0x8
_ADD_SEALS = 1033
_CHUNK_BYTES = 2**26


def shared_copy(data: bytes | NDArray[Any]) -> int:
    """Return the descriptor of a file that holds `data` and that nobody can change any more; raises StorageError."""
    flat = np.frombuffer(data, np.uint8) if isinstance(data, bytes) else np.ascontiguousarray(data)
    view = flat.reshape(-1).view(np.uint8).data
    with _new_file() as number:
        written = 0
        while written < len(view):
            written += os.write(number, view[written : written + _CHUNK_BYTES])
        _seal(number, _SEAL_SHRINK | _SEAL_GROW | _SEAL_WRITE)
    return number


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
    if hasattr(os, "memfd_create"):
        fcntl.fcntl(number, _ADD_SEALS, seals)
