"""Creating, opening and migrating the archive of a study folder.

Nothing in the folder changes before the archive was found in order: a damaged, newer or busy study keeps every byte.
"""

import contextlib
import json
import os
from collections.abc import Mapping
from contextlib import ExitStack, closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import URL, Connection, Engine, func, select

from archwright import __version__
from archwright.archive.codec import to_row
from archwright.archive.database import (
    DATABASE,
    LOCK,
    POINTER,
    copy_of,
    default_url,
    file_of,
    holds_study,
    lasting,
    parse_url,
    reader,
    without_password,
    writer,
)
from archwright.archive.environment import describe_environment
from archwright.archive.inspection import check_revision, check_rows, check_tables, only_study
from archwright.archive.ledger import Session as LedgerSession
from archwright.archive.schema import known_revisions, revision_of, upgrade
from archwright.archive.storage import damaged, faults_named
from archwright.archive.tables import sessions, studies
from archwright.errors import StudyError, typed
from archwright.reading import read_bytes
from archwright.resumable import FolderLock, publish_database, replace_json, replacing
from archwright.trust import remember, require_known

ADAPTERS = "adapters"
"""The folder of what the study's model was taught."""
LARGEST_POINTER = 65_536


@dataclass(frozen=True)
class OpenStudy:
    """A study's rows within reach; the lock is None when open for reading only."""

    folder: Path
    engine: Engine
    study_id: int
    lock: FolderLock | None


def create_study(folder: Path, config: Mapping[str, object], url: str | None) -> OpenStudy:
    """Return the new study of `folder`, which is made when missing, open for writing.

    The database appears complete or not at all. Raises StudyError when the folder holds a study already, and for a
    `url` that no study can be kept at.
    """
    address = lasting(parse_url(url)) if url else default_url(folder)
    with ExitStack() as on_failure, faults_named(folder):
        require_new(folder)
        folder.mkdir(parents=True, exist_ok=True)
        lock = FolderLock(folder / LOCK)
        on_failure.callback(lock.release)
        require_new(folder)
        on_failure.callback((folder / LOCK).unlink)
        lock.sign()
        study_id = _create_shared(address, folder, config) if url else _create_file(folder, config)
        on_failure.pop_all()
        return OpenStudy(folder, writer(address, study_id=study_id), study_id, lock)


def open_study(folder: Path, *, read_only: bool) -> OpenStudy:
    """Return the study of `folder`; tables of an older schema are brought up to date, in a copy when `read_only`.

    Raises StudyError when it is no study folder, StudyBusyError, StudyDamagedError, StudyTooNewError and StorageError.
    """
    with ExitStack() as on_failure, faults_named(folder):
        address, study_id = _locate(folder)
        if read_only:
            engine = reader(address)
            on_failure.callback(engine.dispose)
            _, study_id = _inspect(engine, address, study_id, may_migrate=False)
            on_failure.pop_all()
            return OpenStudy(folder, engine, study_id, None)
        # A copy of a study can come without its lock file, which may be made only once nothing speaks against opening.
        lock = FolderLock(folder / LOCK) if (folder / LOCK).exists() else None
        if lock is not None:
            on_failure.callback(lock.release)
        snapshot = reader(address)
        try:
            revision, study_id = _inspect(snapshot, address, study_id, may_migrate=True)
        finally:
            snapshot.dispose()
        if lock is None:
            lock = FolderLock(folder / LOCK)
            on_failure.callback(lock.release)
        engine = writer(address, study_id=study_id)
        on_failure.callback(engine.dispose)
        if file_of(address) is None:
            engine.connect().close()  # takes the lock on the server, which a copy of the folder may hold elsewhere
        lock.sign()
        if revision != known_revisions()[-1]:
            _migrate(address, revision)
            _inspect(engine, address, study_id, may_migrate=False)
        with engine.begin() as connection:
            connection.execute(studies.update().where(studies.c.id == study_id).values(archwright=__version__))
            config = connection.scalar(select(studies.c.config).where(studies.c.id == study_id))
            _begin_session(connection, study_id, config or {})
        on_failure.pop_all()
        return OpenStudy(folder, engine, study_id, lock)


def require_new(folder: Path) -> None:
    """Raise StudyError where no study can begin: `folder` is a file or lies in one, or holds a study already."""
    there = next((place for place in (folder, *folder.parents) if place.exists()), None)
    if there is not None and not there.is_dir():
        raise StudyError(f"{there} is a file", "choose a folder for the study")
    if holds_study(folder):
        raise StudyError(
            f"{folder} already holds a study", f"continue it with `{typed('resume', folder)}`, or choose another --run"
        )


def _create_file(folder: Path, config: Mapping[str, object]) -> int:
    part = folder / f"{DATABASE}.part"
    try:
        _remove_database(part)
        # Without a log beside it, which would be written into it only when it is closed, and in silence left out when
        # the disk is full then.
        engine = writer(URL.create("sqlite", database=str(part.absolute())), journal="DELETE")
        try:
            study_id = insert_study(engine, folder, config)
        finally:
            engine.dispose()
        publish_database(part, folder / DATABASE)
    finally:
        _remove_database(part)
    return study_id


def _create_shared(address: URL, folder: Path, config: Mapping[str, object]) -> int:
    engine = writer(address)
    try:
        with engine.connect() as connection:
            if revision_of(connection) is not None:
                check_revision(connection, address)
        study_id = insert_study(engine, folder, config)
    finally:
        engine.dispose()
    pointer = {"url": without_password(address), "study": study_id}
    remember(_named(address))
    replace_json(folder / POINTER, pointer)
    return study_id


def insert_study(engine: Engine, folder: Path, config: Mapping[str, object]) -> int:
    """Make the tables of a new study and its row, and return its number."""
    with engine.begin() as connection:
        upgrade(connection)
        study = {"name": folder.absolute().name, "config": dict(config), "created_at": datetime.now(UTC)}
        (study_id,) = connection.execute(
            studies.insert().returning(studies.c.id), study | {"archwright": __version__}
        ).scalars()
        _begin_session(connection, study_id, config)
        return int(study_id)


def _begin_session(connection: Connection, study_id: int, config: Mapping[str, object]) -> None:
    last = connection.scalar(select(func.max(sessions.c.number)).where(sessions.c.study_id == study_id))
    session = LedgerSession((last or 0) + 1, datetime.now(UTC), describe_environment(), dict(config))
    connection.execute(sessions.insert(), {"study_id": study_id, **to_row(session)})


def _locate(folder: Path) -> tuple[URL, int | None]:
    """Return the address of the rows and the study's id there, None when the database holds only this study."""
    for path in _leaving(folder):
        require_known(str(path), folder)
    if (folder / DATABASE).exists():
        return default_url(folder), None
    pointer = folder / POINTER
    if pointer.exists():
        try:
            address, study_id = read_pointer(folder)
            file = file_of(address)
            is_inside = file is not None and not address.query and file.resolve().is_relative_to(folder.resolve())
        except (ValueError, KeyError, TypeError, OverflowError, RecursionError, StudyError) as error:
            raise damaged(pointer, f"{type(error).__name__}: {error}") from None
        if not is_inside:
            require_known(_named(address), folder)
        return address, study_id
    if (folder / LOCK).exists():
        with contextlib.suppress(OSError):
            FolderLock(folder / LOCK).release()  # Whoever has it may be about to make the database.
        raise damaged(folder / DATABASE, "the file is missing")
    found = "is not a study folder" if folder.exists() else "does not exist"
    raise StudyError(f"{folder} {found}", "give the folder that `archwright search` made")


def read_pointer(folder: Path) -> tuple[URL, int]:
    """Return the address and the study's id that the pointer in `folder` names."""
    content = json.loads(read_bytes(folder / POINTER, LARGEST_POINTER))
    return parse_url(content["url"]), int(content["study"])


def trust_pointer(folder: Path) -> None:
    """Remember the database that the pointer in `folder` names and where its links lead as named on this machine."""
    for path in _leaving(folder):
        remember(str(path))
    if (folder / POINTER).exists() and not (folder / DATABASE).exists():
        with contextlib.suppress(ValueError, KeyError, TypeError, OverflowError, RecursionError, StudyError):
            remember(_named(read_pointer(folder)[0]))


def _leaving(folder: Path) -> list[Path]:
    """Return what is outside `folder` and would be read or written through a link in it."""
    inside = folder.resolve()
    names = (DATABASE, f"{DATABASE}-wal", f"{DATABASE}-shm", POINTER, LOCK, ADAPTERS)
    links = (Path(os.path.realpath(path)) for name in names if (path := folder / name).is_symlink())
    return [target for target in links if not target.is_relative_to(inside)]


def _named(address: URL) -> str:
    """Return the whole address as it is remembered: parameters of a database address can name another host."""
    file = file_of(address)
    return str(file.resolve()) if file is not None and not address.query else without_password(address)


def _inspect(engine: Engine, address: URL, study_id: int | None, *, may_migrate: bool) -> tuple[str, int]:
    """Return the revision as it is stored and the study's id, having found nothing wrong with the archive.

    Of an older archive on a server only the revision can be checked before it is migrated; there is no private copy.
    """
    where = file_of(address) or address
    with faults_named(where), engine.begin() as connection:
        revision = check_revision(connection, where)
        if revision != known_revisions()[-1]:
            if file_of(address) is not None:
                upgrade(connection)
            elif may_migrate and study_id is not None:
                return revision, study_id
            else:
                raise StudyError(
                    f"the archive at {where} has the older schema {revision}",
                    "continue the study with `archwright resume`, which brings it up to date",
                )
        check_tables(connection, where)
        if study_id is None:
            study_id = only_study(connection, where)
        check_rows(connection, where, study_id)
    return revision, study_id


def _migrate(address: URL, revision: str) -> None:
    """Bring the tables up to date in one transaction; a file is first copied to `study.db.schema-NNNN`."""
    file = file_of(address)
    if file is not None:
        copy = file.with_name(f"{file.name}.schema-{revision}")
        with closing(copy_of(file)) as snapshot, replacing(copy) as scratch:
            scratch.write_bytes(snapshot.serialize())
    engine = writer(address, has_foreign_keys=False)
    try:
        with engine.begin() as connection:
            upgrade(connection)
    finally:
        engine.dispose()


def _remove_database(path: Path) -> None:
    for suffix in ("", "-journal", "-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
