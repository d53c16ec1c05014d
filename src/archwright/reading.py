"""Files that people bring, read as Python reads them: with a byte order mark, or in an encoding the file names."""

import io
import os
import re
import tokenize
from pathlib import Path

_COOKIE = re.compile(r"^([ \t\f]*#.*?coding[:=][ \t]*)([-\w.]+)", re.ASCII)


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


def decode_source(data: bytes) -> str:
    """Return the program in the bytes of a file, whatever PEP 263 encoding it names.

    The name becomes utf-8, as the text is written again in it. Bytes that Python would refuse are kept as surrogates:
    the check names them.
    """
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
        text = data.decode(encoding)
    except (SyntaxError, UnicodeError, LookupError):
        return data.decode("utf-8-sig", "surrogateescape")
    if encoding not in ("utf-8", "utf-8-sig"):
        lines = text.split("\n", 2)
        text = "\n".join([*(_COOKIE.sub(r"\1utf-8", line) for line in lines[:2]), *lines[2:]])
    return text


def read_text(path: Path) -> str:
    """Return a UTF-8 text without its byte order mark; raises OSError and UnicodeDecodeError."""
    return path.read_text("utf-8-sig")
