"""A private, consistent copy in memory of a SQLite database, taken without touching its files.

SQLite itself writes beside a database in WAL mode even when it only reads (`-shm`, recovery of the `-wal` that a killed
process left). So the files are copied first and SQLite opens the copy: committed rows that are still in the log are
seen, and the original keeps every byte.

A copy taken while a study runs is consistent: the main file changes only when the log is checkpointed, and every page
written by a checkpoint is also in the log until the log is started anew, which gives it a new header. The copy counts
when that header was the same before and after; a half-written end of the log is ignored by its checksums. A study that
starts its log anew faster than it can be copied is alive, so SQLite may read it directly: all it touches is the `-shm`
in which living processes meet.
"""

import shutil
import sqlite3
import tempfile
from contextlib import closing, suppress
from pathlib import Path

from archwright.archive.storage import damaged, faults_named
from archwright.foreign_database import computed_in, fault_beside, log_of

_ATTEMPTS = 3
_WAL_HEADER_BYTES = 32


def read_snapshot(path: Path, *, is_open_here: bool) -> sqlite3.Connection:
    """Return an in-memory database with everything committed in the SQLite database at `path`.

    `is_open_here` says that this process has a connection to it. Then, too, SQLite reads the file itself: if we opened
    and closed it, the kernel would drop the locks of that connection, and the next program to look at the database
    would take it for abandoned and delete its log.

    Raises StudyDamagedError when the file is missing, no database or fails SQLite's own check.
    """
    if not path.exists():
        raise damaged(path, "the file is missing")
    if found := fault_beside(path):
        raise damaged(*found)
    if not is_open_here:
        with tempfile.TemporaryDirectory(prefix="archwright-") as folder:
            copy = Path(folder) / "study.db"
            with faults_named(folder):
                is_consistent = any(_copy(path, copy) for _ in range(_ATTEMPTS))
            if is_consistent:
                return _load(copy, path)
    return _load(path, path)


def _copy(path: Path, copy: Path) -> bool:
    """Copy main file and log; return whether they belong together."""
    log, log_copy = log_of(path), log_of(copy)
    before = state_of(path)
    shutil.copyfile(path, copy)
    log_copy.unlink(missing_ok=True)
    with suppress(FileNotFoundError):
        shutil.copyfile(log, log_copy)
    return state_of(path) == before


def _load(file: Path, path: Path) -> sqlite3.Connection:
    """Return the content of `file`, which is `path` or a copy of it, in memory."""
    with faults_named(path), closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True)) as disk:
        try:
            finding = computed_in(disk) or disk.execute("PRAGMA quick_check(1)").fetchone()[0]
        except UnicodeDecodeError as error:  # the driver's error message quotes the damage
            raise damaged(path, "its tables have no readable names") from error
        if finding != "ok":
            raise damaged(path, str(finding))
        memory = sqlite3.connect(":memory:")
        disk.backup(memory)
        return memory


def state_of(path: Path) -> tuple[int, int, bytes]:
    """Return what changes when the main file was written or the log was started anew or removed."""
    status = path.stat()
    try:
        with log_of(path).open("rb") as log:
            header = log.read(_WAL_HEADER_BYTES)
    except FileNotFoundError:
        header = b""
    return status.st_mtime_ns, status.st_size, header
