"""Files in memory with a fixed size, through which data go into a box and results come out."""

import os
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

_SEAL_SHRINK, _SEAL_GROW, _SEAL_WRITE = 0x2, 0x4, 0x8
_ADD_SEALS = 1033


def shared_copy(data: bytes | NDArray[Any]) -> int:
    """Return the descriptor of a file that holds `data` and that nobody can change any more."""
    flat = np.frombuffer(data, np.uint8) if isinstance(data, bytes) else np.ascontiguousarray(data)
    number = _create()
    view = flat.reshape(-1).view(np.uint8).data
    written = 0
    while written < len(view):
        written += os.write(number, view[written : written + 2**26])
    _seal(number, _SEAL_SHRINK | _SEAL_GROW | _SEAL_WRITE)
    return number


def blank(size: int) -> int:
    """Return the descriptor of a file of `size` zero bytes that can be written but neither grow nor shrink."""
    number = _create()
    os.ftruncate(number, size)
    _seal(number, _SEAL_SHRINK | _SEAL_GROW)
    return number


def _create() -> int:
    if hasattr(os, "memfd_create"):
        return os.memfd_create("archwright", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    number, path = tempfile.mkstemp(prefix="archwright-")
    Path(path).unlink()
    return number


def _seal(number: int, seals: int) -> None:
    if hasattr(os, "memfd_create"):
        import fcntl

        fcntl.fcntl(number, _ADD_SEALS, seals)
