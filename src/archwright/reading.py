"""Files that people bring: bounded in size and time, and read as Python reads them, with a byte order mark or in an
encoding the file names."""

import codecs
import io
import json
import os
import re
import select
import stat
import time
import tokenize
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from archwright.errors import UsageError

LARGEST_PROGRAM = 8 * 2**20
"""Bytes read of one program; the contract's own limit is far below."""
LARGEST_TEXT = 2**30
"""Bytes of a file of pairs or completions."""
LONGEST_LINE = 16 * 2**20
"""Characters of one line of such a file; a pair has some 10,000."""
PATIENCE_S = 30.0
"""How long a pipe may take to give its text."""
_CHUNK = 2**20
_ENCODINGS = re.compile(
    r"ascii|utf-8(-sig)?|utf-(16|32)(-[lb]e)?|(iso8859|koi8|mac)-\w+|cp\d+|(euc|iso2022)_\w+|shift_jis\w*|gb2312|gbk"
    r"|gb18030|hz|big5|big5hkscs|johab|tis-620|hp-roman8|kz1048|ptcp154"
)
"""The codecs of text that take time in proportion to it, by Python's names; punycode takes its square."""
_COOKIE = re.compile(r"^([ \t\f]*#.*?coding[:=][ \t]*)([-\w.]+)", re.ASCII)


_LONG_KEY = re.compile(r"""(?<![\w-])(?:(?:"[^"\n]*"|'[^'\n]*'|[\w-]++)[ \t]*+\.[ \t]*+){100}""")
"""Of more than a hundred parts, with dots between."""


@contextmanager
def readable(what: object, remedy: str) -> Iterator[None]:
    """Raise UsageError, which names `what` was to be read, where a file cannot be read or is no text."""
    try:
        yield
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or error
        raise UsageError(f"{what} cannot be read: {reason}", remedy) from None


def read_bytes(path: Path, limit: int, *, is_cut: bool = False) -> bytes:
    """Return the content of a file or pipe, its first `limit` bytes where it `is_cut`.

    Raises OSError, and UsageError for a device, a socket, a pipe that stays silent and, unless cut, for more bytes.
    """
    too_large = UsageError(f"{path} has more than {limit:,} bytes", "give a smaller file")
    file = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY)
    try:
        kind = os.fstat(file).st_mode
        if not (stat.S_ISREG(kind) or stat.S_ISFIFO(kind)):
            raise UsageError(f"{path} is {'a folder' if stat.S_ISDIR(kind) else 'a device'}", "give a file")
        if stat.S_ISREG(kind) and os.fstat(file).st_size > limit and not is_cut:
            raise too_large
        deadline, poll = time.monotonic() + PATIENCE_S, select.poll()
        poll.register(file, select.POLLIN)
        content = bytearray()
        while len(content) <= limit:
            if not poll.poll(max(0.0, deadline - time.monotonic()) * 1_000):
                raise UsageError(f"{path} is a pipe that did not end within {PATIENCE_S:g} s", "save it as a file")
            chunk = os.read(file, min(_CHUNK, limit + 1 - len(content)))
            if not chunk:
                return bytes(content)
            content += chunk
    finally:
        os.close(file)
    if not is_cut:
        raise too_large
    return bytes(content[:limit])


def python_files(folder: Path) -> list[Path]:
    """Return the Python files in `folder` and the folders in it, in order, that somebody wrote there.

    Hidden files and folders, `__pycache__`, virtual environments and links that lead out of `folder` are left out.
    """
    inside, found = folder.resolve(), []
    for place, folders, files in os.walk(folder):
        here = Path(place)
        folders[:] = [name for name in folders if not _is_hidden(name) and not (here / name / "pyvenv.cfg").exists()]
        found += [here / name for name in files if name.endswith(".py") and not _is_hidden(name)]
    return sorted(file for file in found if file.is_file() and file.resolve().is_relative_to(inside))


def _is_hidden(name: str) -> bool:
    return name.startswith(".") or name == "__pycache__"


def read_source(path: Path) -> str:
    """Return the program in a file, cut where it is far too long to be one; raises as `read_bytes` does."""
    return decode_source(read_bytes(path, LARGEST_PROGRAM, is_cut=True))


def decode_source(data: bytes) -> str:
    """Return the program in the bytes of a file, in the encoding of text that it names (PEP 263).

    The name becomes utf-8, as the text is written again in it. Bytes that Python would refuse are kept as surrogates:
    the check names them. What names another codec is read as UTF-8.
    """
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
        if not _ENCODINGS.fullmatch(codecs.lookup(encoding).name):
            raise LookupError(f"{encoding} is no encoding of text")
        text = data.decode(encoding)
    except (SyntaxError, UnicodeError, LookupError):
        return data.decode("utf-8-sig", "surrogateescape")
    if encoding not in ("utf-8", "utf-8-sig"):
        lines = text.split("\n", 2)
        text = "\n".join([*(_COOKIE.sub(r"\1utf-8", line) for line in lines[:2]), *lines[2:]])
    return text


def read_text(path: Path, limit: int = LARGEST_TEXT) -> str:
    """Return a UTF-8 text without its byte order mark; raises UnicodeDecodeError and what `read_bytes` raises."""
    return read_bytes(path, limit).decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")


def parse_line(line: str) -> Any:
    """Return the JSON value in a line; raises ValueError for one that is far too long, and what `json.loads` raises."""
    if len(line) > LONGEST_LINE:
        raise ValueError(f"the line has {len(line):,} characters")
    return json.loads(line)


def parse_toml(text: str) -> dict[str, Any]:
    """Return the tables in TOML `text`; raises ValueError, also for nesting that no configuration has.

    Python's parser takes time in proportion to the square of a dotted key's parts.
    """
    if _LONG_KEY.search(text):
        raise ValueError("it is nested too deeply")
    try:
        return tomllib.loads(text)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
