"""What went wrong with the disk or the database, in the words of our own exceptions."""

import errno
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, OperationalError, StatementError

from archwright.errors import StorageError, StudyBusyError, StudyDamagedError

_FREE = "free some space; what was stored is safe"
_PERMIT = "make the folder readable and writable, or use another: a copy of a study goes on like the study"
_NO_SPACE = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_NOT_PERMITTED = "42501"
"""PostgreSQL's insufficient_privilege."""
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
    except DataError as error:
        raise ValueError(f"the archive at {where} cannot hold the value: {error.orig}") from error
    except DBAPIError as error:
        raise _of_database(error, where) from error
    except StatementError as error:
        raise (error.orig or error) from None  # a value that cannot be stored
    except sqlite3.DatabaseError as error:
        raise _of_sqlite(error, where) from error
    except OSError as error:
        raise _of_system(error, where) from error


def _of_database(error: DBAPIError, where: object) -> Exception:
    if isinstance(error.orig, sqlite3.DatabaseError):
        return _of_sqlite(error.orig, where)
    if getattr(error.orig, "sqlstate", None) == _NOT_PERMITTED:
        return StorageError(
            f"the database at {where} does not permit this: {error.orig}",
            "give its user the right to CREATE in the schema (or a database of its own)",
        )
    if isinstance(error, OperationalError):
        return StorageError(
            f"the database of {where} does not answer: {error.orig}",
            "check that it runs, and its address; then give the command again",
        )
    return error


def _of_sqlite(error: sqlite3.DatabaseError, where: object) -> Exception:
    if type(error) not in (sqlite3.DatabaseError, sqlite3.OperationalError):
        return error  # a mistake of ours, such as a value of a type SQLite does not take
    name = getattr(error, "sqlite_errorname", "")
    if name in ("SQLITE_CORRUPT", "SQLITE_NOTADB") or name.startswith("SQLITE_CORRUPT_"):
        return damaged(where, str(error))
    if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
        return StudyBusyError(f"another program keeps the database at {where} locked", "close it and resume the study")
    if name == "SQLITE_FULL":
        return StorageError(f"no space left to write {where}", _FREE)
    if name.startswith(("SQLITE_READONLY", "SQLITE_CANTOPEN", "SQLITE_PERM")):
        return StorageError(f"{where} cannot be written: {error}", _PERMIT)
    if name.startswith("SQLITE_IOERR"):
        return StorageError(
            f"{where} cannot be read or written: {error}", "check the disk and its free space, then resume"
        )
    return damaged(where, str(error))


def _of_system(error: OSError, where: object) -> StorageError:
    if error.errno in _NO_SPACE:
        return StorageError(f"no space left to write {where}", _FREE)
    if error.errno in _READ_ONLY:
        return StorageError(f"{error.filename or where} cannot be opened: {error.strerror}", _PERMIT)
    return StorageError(f"{error.filename or where}: {error.strerror}", "check the disk, then resume")


def damaged(where: object, finding: str) -> StudyDamagedError:
    """Return the error for an archive at `where` that cannot be trusted."""
    return StudyDamagedError(
        f"the archive at {where} is damaged: {finding}",
        "nothing was changed; restore the folder from a copy, or start a new study",
    )
