"""Whether an archive can be trusted: its revision, its tables, and rows that would contradict each other."""

import re

from sqlalchemy import Connection, ForeignKeyConstraint, Table, and_, exists, inspect, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from archwright import __version__
from archwright.archive.reading import read_everything
from archwright.archive.schema import known_revisions, revision_of
from archwright.archive.storage import damaged
from archwright.archive.tables import METADATA, studies
from archwright.errors import StudyTooNewError


def check_revision(connection: Connection, where: object) -> str:
    """Return the revision of the tables; raises StudyTooNewError or StudyDamagedError when it is not one of ours."""
    known = known_revisions()
    revision = revision_of(connection)
    if revision in known:
        return revision
    if revision is not None and re.fullmatch(r"\d{4}", revision) and revision > known[-1]:
        raise StudyTooNewError(
            f"the archive at {where} has schema {revision}, written by Archwright {_writer(connection)}; "
            f"this is Archwright {__version__}, which knows schemas up to {known[-1]}",
            "update Archwright (pip install -U archwright); nothing was changed",
        )
    raise damaged(where, "it has no schema revision" if revision is None else f"unknown schema revision {revision!r}")


def check_tables(connection: Connection, where: object) -> None:
    """Raise StudyDamagedError unless every table and column of the newest revision is there."""
    found = inspect(connection)
    present = set(found.get_table_names())
    for table in METADATA.sorted_tables:
        if table.name not in present:
            raise damaged(where, f"table {table.name} is missing")
        missing = set(table.columns.keys()) - {column["name"] for column in found.get_columns(table.name)}
        if missing:
            raise damaged(where, f"table {table.name} has no column {min(missing)}")


def check_rows(connection: Connection, where: object, study_id: int) -> None:
    """Raise StudyDamagedError unless every row of the study can be read and no row refers to one that is not there."""
    if connection.scalar(select(studies.c.id).where(studies.c.id == study_id)) is None:
        raise damaged(where, f"it does not hold study {study_id}")
    for table in METADATA.sorted_tables:
        for constraint in sorted(table.foreign_key_constraints, key=lambda each: each.elements[0].target_fullname):
            _check_parents(connection, where, study_id, table, constraint)
    with Session(connection) as session:
        try:
            read_everything(session, study_id)
        except (ValueError, KeyError, TypeError, OverflowError, RecursionError) as error:
            raise damaged(where, f"{type(error).__name__}: {error}") from error


def only_study(connection: Connection, where: object) -> int:
    """Return the id of the one study of a study folder's own database, or raise StudyDamagedError."""
    ids = connection.scalars(select(studies.c.id)).all()
    if len(ids) != 1:
        raise damaged(where, f"it holds {len(ids)} studies instead of one")
    return int(ids[0])


def _check_parents(
    connection: Connection, where: object, study_id: int, table: Table, constraint: ForeignKeyConstraint
) -> None:
    if "study_id" not in table.columns:
        return
    parent = constraint.referred_table
    has_parent = exists().where(and_(*(element.parent == element.column for element in constraint.elements)))
    refers = and_(*(column.is_not(None) for column in constraint.columns))
    orphan = connection.execute(
        select(*table.primary_key).where(table.c.study_id == study_id, refers, ~has_parent.correlate(table)).limit(1)
    ).first()
    if orphan is not None:
        names = ", ".join(f"{name} {value}" for name, value in orphan._mapping.items() if name != "study_id")
        raise damaged(where, f"{table.name} ({names}) refers to a row of {parent.name} that is not there")


def _writer(connection: Connection) -> str:
    try:
        return connection.scalar(select(studies.c.archwright).order_by(studies.c.id.desc())) or "of unknown version"
    except DBAPIError:
        return "of unknown version"  # the newer schema keeps its version elsewhere
