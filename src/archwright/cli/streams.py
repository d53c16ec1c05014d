"""The standard streams, whatever they are: ascii, latin-1, closed, full, or a pipe whose reader has left."""

from __future__ import annotations

import codecs
import io
import os
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

PLAIN = "archwright.plain"
"""Name of the way to write what an encoding does not have."""
_PLAIN = str.maketrans({"–": "-", "—": "--", "·": "-", "…": "...", "×": "x", "±": "+-", "≥": ">=", "≤": "<="})


def prepare_streams() -> None:
    """Make it safe to write anything to `sys.stdout` and `sys.stderr`, also when they were closed.

    What was written to a closed standard output is missed when it is flushed: OSError, as for a full one.
    """
    # Else the next file that is opened, perhaps a study's archive, gets the number of a stream that others write to.
    for number, mode in ((0, os.O_RDONLY), (1, os.O_RDONLY), (2, os.O_WRONLY)):
        if not _is_open(number):
            os.set_inheritable(os.open(os.devnull, mode), True)  # it gets the lowest free number, which is this one
    sys.stdout = sys.stdout or os.fdopen(1, "w", closefd=False)
    if sys.stderr is None or (sys.stderr is sys.__stderr__ and _number_of(sys.stderr) == 2):
        sys.stderr = io.TextIOWrapper(io.BufferedWriter(_Lossy(2, "wb", closefd=False)), write_through=True)
    codecs.register_error(PLAIN, _plain)
    for stream in (sys.stdout, sys.stderr):
        if reconfigure := getattr(stream, "reconfigure", None):
            reconfigure(errors=PLAIN)


class _Lossy(io.FileIO):
    """Standard error on a full disk, or without a reader: what cannot be said there ends no study."""

    def write(self, data: ReadableBuffer, /) -> int:
        try:
            return super().write(data)
        except OSError:
            return memoryview(data).nbytes


def _number_of(stream: TextIO | None) -> int:
    try:
        return stream.fileno() if stream else -1
    except (OSError, ValueError):
        return -1


def deliver(write: Callable[[], None], stdout: TextIO) -> OSError | None:
    """Return what keeps `write` and what was written before from reaching the file of `stdout`; None when it is there.

    Python does not try again at its exit then.
    """
    try:
        write()
        stdout.flush()
    except OSError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), stdout.fileno())
        return error
    return None


def _is_open(number: int) -> bool:
    try:
        os.fstat(number)
    except OSError:
        return False
    return True


def _plain(error: UnicodeError) -> tuple[str, int]:
    """Return what to write in place of characters that an encoding does not have."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    text = error.object[error.start : error.end].translate(_PLAIN)
    return "".join(character if character.isascii() else "?" for character in text), error.end
