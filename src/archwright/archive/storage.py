"""What went wrong with the disk or the database, in the words of our own exceptions."""

import errno
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError, IntegrityError, SQLAlchemyError

from archwright.errors import ArchwrightError, StorageError, StudyBusyError, StudyDamagedError

_NO_SPACE = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_READ_ONLY = {errno.EROFS, errno.EACCES, errno.EPERM}


@contextmanager
def faults_named(where: object) -> Iterator[None]:
    """Raise StorageError, StudyBusyError or StudyDamagedError for what disk or database at `where` do not allow.

    A row that is there already or refers to one that is not is a mistake of the caller: ValueError.
    """
    try:
        yield
    except IntegrityError as error:
        raise ValueError(f"the archive at {where} refuses the row: {error.orig}") from error
    except SQLAlchemyError as error:
        original = error.orig if isinstance(error, DBAPIError) else None
        if isinstance(original, sqlite3.Error):
            raise _of_sqlite(original, where) from error
        if isinstance(original, Exception):
            raise StorageError(f"the database at {where} does not answer: {original}", "check that it runs") from error
        raise
    except sqlite3.Error as error:
        raise _of_sqlite(error, where) from error
    except OSError as error:
        raise _of_system(error, where) from error


def _of_sqlite(error: sqlite3.Error, where: object) -> ArchwrightError:
    name = getattr(error, "sqlite_errorname", "")
    if name in ("SQLITE_CORRUPT", "SQLITE_NOTADB") or name.startswith("SQLITE_CORRUPT_"):
        return damaged(where, str(error))
    if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
        return StudyBusyError(f"another program keeps the database at {where} locked", "close it and resume the study")
    if name == "SQLITE_FULL":
        return StorageError(f"no space left to write {where}", "free some space, then resume: what was stored is safe")
    if name.startswith(("SQLITE_READONLY", "SQLITE_CANTOPEN", "SQLITE_PERM")):
        return StorageError(f"{where} cannot be written: {error}", "make the folder writable, or choose another --run")
    if name.startswith("SQLITE_IOERR"):
        return StorageError(
            f"{where} cannot be read or written: {error}", "check the disk and its free space, then resume"
        )
    return damaged(where, str(error))


def _of_system(error: OSError, where: object) -> StorageError:
    if error.errno in _NO_SPACE:
        return StorageError(f"no space left to write {where}", "free some space, then resume: what was stored is safe")
    if error.errno in _READ_ONLY:
        return StorageError(
            f"{error.filename or where} cannot be written: {error.strerror}",
            "make the folder writable, or choose another --run",
        )
    return StorageError(f"{error.filename or where}: {error.strerror}", "check the disk, then resume")


def damaged(where: object, finding: str) -> StudyDamagedError:
    """Return the error for an archive at `where` that cannot be trusted."""
    return StudyDamagedError(
        f"the archive at {where} is damaged: {finding}",
        "nothing was changed; restore the folder from a copy, or start a new study",
    )
