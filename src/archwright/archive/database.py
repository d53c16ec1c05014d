"""Where a study's rows live: `study.db` in its folder, or any database SQLAlchemy can reach.

Everything particular to SQLite is here and in `snapshot`, everything particular to PostgreSQL here; the rest of the
archive speaks SQLAlchemy.
"""

import logging
import os
import platform
import re
import sqlite3
from collections import Counter
from pathlib import Path

from sqlalchemy import URL, Connection, Engine, StaticPool, create_engine, event, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError, NoSuchModuleError

from archwright.address import HIDDEN
from archwright.archive.snapshot import read_snapshot
from archwright.errors import StudyBusyError, StudyError

DATABASE = "study.db"
POINTER = "study.json"
"""Beside the lock in the folder of a study whose rows live elsewhere: the address (without password) and the study."""
LOCK = "study.lock"
BUSY_TIMEOUT_MS = 30_000
POSTGRESQL = "postgresql"
_LOCKS = 0x61726368
"""The first half of our advisory locks in a PostgreSQL database ("arch"); the second is a study's id, or 0."""


def parse_url(text: str) -> URL:
    """Return the database address `text`, whose driver is installed, or raise StudyError, which tells no password."""
    remedy = "write postgresql+psycopg://HOST/NAME"
    try:
        url = make_url(text)
    except (ArgumentError, ValueError):  # A port that is no number, as where `@HOST` is missing, is a ValueError.
        raise StudyError(f"'{_what_may_be_shown(text)}' is not a database address", remedy) from None
    shown = without_password(url.set(query={}))
    try:
        url.get_dialect().import_dbapi()
    except (ArgumentError, NoSuchModuleError) as error:
        raise StudyError(f"'{shown}' is not a database address: {error}", remedy) from None
    except ImportError as error:
        package = "'archwright[postgres]'" if url.get_backend_name() == POSTGRESQL else error.name
        raise StudyError(f"the driver of database {shown} is not installed", f"pip install {package}") from None
    return url


def _what_may_be_shown(text: str) -> str:
    """Return what of a text that is no address tells no password, which may stand anywhere in it."""
    if not set(text) & set(":@?="):
        return text
    scheme = re.match(r"[A-Za-z][\w+.-]*://", text)
    return f"{scheme[0]}{HIDDEN}" if scheme else HIDDEN


def lasting(url: URL) -> URL:
    """Return the address of a database that a study can be kept in, whatever the working directory.

    Raises StudyError for a SQLite database in memory, and for one that is named by a URI of its own.
    """
    if url.get_backend_name() != "sqlite":
        return url
    if url.database in (None, "", ":memory:") or str(url.database).startswith("file:"):
        raise StudyError(f"{url} is no file: a study cannot be kept there", "write sqlite:////FOLDER/NAME.db")
    return url.set(database=str(Path(str(url.database)).absolute()))


def without_password(url: URL) -> str:
    """Return the address as text that may be stored: no password, wherever it stands."""
    query = {name: value for name, value in url.query.items() if name != "password"}
    return URL.create(url.drivername, url.username, None, url.host, url.port, url.database, query).render_as_string()


def file_of(url: URL) -> Path | None:
    """Return the file of a SQLite address, None for a server."""
    return Path(url.database) if url.get_backend_name() == "sqlite" and url.database else None


def default_url(folder: Path) -> URL:
    """Return the address of the database inside `folder`."""
    return URL.create("sqlite", database=str(folder.absolute() / DATABASE))


def holds_study(folder: Path) -> bool:
    """Return whether `folder` is that of a study, wherever its rows live."""
    return (folder / DATABASE).exists() or (folder / POINTER).exists()


_open_here: Counter[Path] = Counter()
"""Connections of this process by SQLite file."""


def _is_no_interrupt(record: logging.LogRecord) -> bool:
    return record.exc_info is None or not isinstance(record.exc_info[1], KeyboardInterrupt)


# Ctrl-C while a connection is closed: SQLAlchemy raises it, but writes its traceback first.
logging.getLogger("sqlalchemy.pool.impl.QueuePool").addFilter(_is_no_interrupt)


def writer(url: URL, *, study_id: int | None = None, has_foreign_keys: bool = True, journal: str = "WAL") -> Engine:
    """Return an engine that reads and writes; on SQLite, nothing committed is lost to a power cut.

    On PostgreSQL it holds the lock of the study `study_id` as long as it is connected, and without it writes nothing:
    connecting raises StudyBusyError when another machine has it.
    """
    file = file_of(url)
    if file is None:
        return _server(url, study_id)
    engine = create_engine(url)
    name = file.resolve()

    def configure(connection: sqlite3.Connection, _: object) -> None:
        _open_here[name] += 1
        connection.isolation_level = None
        connection.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")
        connection.execute(f"PRAGMA journal_mode = {journal}")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute(f"PRAGMA foreign_keys = {'ON' if has_foreign_keys else 'OFF'}")

    def forget(connection: sqlite3.Connection, _: object) -> None:
        _open_here[name] -= 1

    event.listen(engine, "connect", configure)
    event.listen(engine, "close", forget)
    # Python's driver begins a transaction only before the first INSERT, never before a CREATE; a deferred one that
    # turns to writing fails at once when another study of the same database has written meanwhile.
    event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))
    return engine


def copy_of(file: Path) -> sqlite3.Connection:
    """Return an in-memory database with everything committed in the SQLite database `file`, which is not touched."""
    return read_snapshot(file, is_open_here=_open_here[file.resolve()] > 0)


def reader(url: URL) -> Engine:
    """Return an engine over a private snapshot of a SQLite database, or over the server itself."""
    file = file_of(url)
    if file is None:
        return create_engine(url, isolation_level="REPEATABLE READ")
    snapshot = copy_of(file)
    snapshot.isolation_level = None
    engine = create_engine("sqlite://", creator=lambda: snapshot, poolclass=StaticPool)
    event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN"))
    return engine


def _server(url: URL, study_id: int | None) -> Engine:
    if url.get_backend_name() != POSTGRESQL:
        return create_engine(url, pool_pre_ping=True)
    who = f"archwright, process {os.getpid()} on {platform.node()}"
    # One connection, so that there is one lock; whoever reconnects, after the server was restarted, takes it anew.
    engine = create_engine(
        url, pool_size=1, max_overflow=0, pool_pre_ping=True, connect_args={"application_name": who[:63]}
    )
    if study_id is not None:
        event.listen(engine, "connect", lambda connection, _: _claim(connection, study_id))
    return engine


def _claim(connection: DBAPIConnection, study_id: int) -> None:
    """Take the lock of a study for as long as `connection` lasts; the server gives it back however that ends."""
    cursor = connection.cursor()
    cursor.execute(f"SELECT pg_try_advisory_lock({_LOCKS}, {study_id})")
    (has_lock,) = cursor.fetchone() or (False,)
    if not has_lock:
        cursor.execute(
            "SELECT application_name FROM pg_stat_activity JOIN pg_locks USING (pid) "
            f"WHERE locktype = 'advisory' AND granted AND classid = {_LOCKS} AND objid = {study_id}"
        )
        (holder,) = cursor.fetchone() or ("another process",)
        connection.close()
        raise StudyBusyError(f"{holder} is running the study", "wait for it or stop it, then try again")
    connection.commit()


def wait_for_other_migrations(connection: Connection) -> None:
    """Return when no other process is changing the tables, nor will be until the end of this transaction."""
    if connection.dialect.name == POSTGRESQL:
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCKS}, 0)")
