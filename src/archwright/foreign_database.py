"""SQLite files that people bring: what is found beside and in one before SQLite opens it to write.

SQLite trusts what it opens. A rollback journal may name a further file, which is deleted when the journal has been
played back; checks, triggers and generated columns are computed; a pipe keeps it waiting for ever.
"""

import re
import sqlite3
import stat
from contextlib import closing
from pathlib import Path

LARGEST = 2**32
"""Bytes of a database and of its log: studies are copied and held in memory, holes in the file as well."""
_COMPUTES = re.compile(
    r"\b(CHECK|GENERATED|AS|VIRTUAL|TRIGGER|VIEW)\b|\bDEFAULT\s*\(|\bINDEX\b.*(\(.*\(|\bWHERE\b)", re.I | re.S
)
"""What a table or an index holds that SQLite executes: SQL of a stranger, which can be as expensive as it likes."""


def log_of(path: Path) -> Path:
    """Return where SQLite keeps what was committed and is not in the database yet."""
    return path.with_name(f"{path.name}-wal")


def fault_beside(path: Path) -> tuple[Path, str] | None:
    """Return which of the files of the database at `path` must not be opened, and why; None where there is none.

    All databases of ours write ahead, and only the first transaction of a new one, which is empty until then, has a
    rollback journal.
    """
    journal = path.with_name(f"{path.name}-journal")
    sizes = {}
    for file in (path, log_of(path), journal):
        try:
            status = file.stat()
        except FileNotFoundError:
            continue
        if not stat.S_ISREG(status.st_mode):
            return file, "it is not a file"
        sizes[file] = status.st_size
        if status.st_size > LARGEST:
            return file, f"it has {status.st_size:,} bytes"
    if sizes.get(path) and sizes.get(journal):
        return journal, "it is a rollback journal, which no database of Archwright's has: remove it"
    return None


def computed_in(database: sqlite3.Connection) -> str | None:
    """Return what a check of the database, or reading it, would execute; None for nothing. Raises sqlite3.Error."""
    for name, sql in database.execute("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL"):
        if found := _COMPUTES.search(sql):
            what = found[0].upper().replace("(", " ").split()[0]
            return f"{name!r} computes something ({what}), as nothing of Archwright's does"
    return None


def fault_in(path: Path) -> str | None:
    """Return why the database at `path`, which may be missing or new, must not be written to; None for no reason.

    Raises sqlite3.Error for what is no database.
    """
    if found := fault_beside(path):
        file, why = found
        return f"{file.name}: {why}"
    if not path.exists() or not path.stat().st_size:
        return None
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as database:
        return computed_in(database)
