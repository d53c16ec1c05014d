"""Reading the rows of one study as the dataclasses of the loop.

A value that no version of Archwright writes is a ValueError, KeyError or TypeError here; the callers make it the
StudyDamagedError it is.
"""

import gc
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, TypeAlias, TypeVar

from sqlalchemy import Table, select
from sqlalchemy.orm import Session as OrmSession

from archwright.archive import tables
from archwright.archive.codec import from_row, whole
from archwright.archive.ledger import AdapterRow, CostRow, CycleRow, OpeningRow, Session
from archwright.candidate import Admission, Call, Candidate, Fidelity, Key, Outcome, Program, Record, Trial

T = TypeVar("T")
Columns: TypeAlias = dict[str, Any]
"""Column -> value."""
FIDELITY = ("epochs", "train_size", "image_size", "recipe")
NEVER_ASKED = frozenset({"study_id", "created_at", "finished_at", "closed_at", "recorded_at"})
"""Columns that no dataclass has: the study is known, and times of storing are for people who look into the database."""


def read_config(session: OrmSession, study_id: int) -> dict[str, Any]:
    """Return the study's configuration."""
    config = session.scalar(select(tables.studies.c.config).where(tables.studies.c.id == study_id))
    if not isinstance(config, dict):
        raise TypeError("the configuration is not a table")
    return config


@contextmanager
def _nothing_to_collect() -> Iterator[None]:
    """Pause the collector of cycles, which would look at all rows again and again: a third of the time of loading."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


@_nothing_to_collect()
def read_records(session: OrmSession, study_id: int) -> list[Record]:
    """Return every candidate with its outcomes and verdict where there are any, ordered by key."""
    programs = {row["digest"]: _program(row) for row in _all(session, study_id, tables.programs)}
    calls: defaultdict[Key, list[Call]] = defaultdict(list)
    for row in _all(session, study_id, tables.calls, "cycle", "position", "number"):
        calls[_key(row)].append(from_row(Call, row))
    outcomes: defaultdict[Key, dict[Trial, Outcome]] = defaultdict(dict)
    fidelities: dict[tuple[object, ...], Fidelity] = {}  # few: most trials are at the study's own
    admissions = {_key(row): from_row(Admission, row) for row in _all(session, study_id, tables.admissions)}
    candidates = {_key(row): row for row in _all(session, study_id, tables.candidates, "cycle", "position")}
    for row in _all(session, study_id, tables.outcomes, "cycle", "position", "number"):
        key, fidelity = _key(row), tuple(row[name] for name in FIDELITY)
        at = fidelities.get(fidelity) or fidelities.setdefault(fidelity, from_row(Fidelity, row))
        trial = from_row(Trial, row, program=candidates[key]["program"], at=at)
        outcomes[key][trial] = from_row(Outcome, row, seed=trial.seed)
    return [
        Record(
            from_row(
                Candidate,
                row,
                key=key,
                program=None if row["program"] is None else programs[row["program"]],
                calls=tuple(calls[key]),
            ),
            outcomes[key],
            admissions.get(key),
        )
        for key, row in candidates.items()
    ]


def read_asked(session: OrmSession, study_id: int) -> dict[int, Call]:
    """Return the answers that led to no candidate yet, by the seed they were sampled with."""
    return {whole(row["seed"]): from_row(Call, row) for row in _all(session, study_id, tables.asked, "seed")}


LEDGER: Mapping[type, tuple[Table, tuple[str, ...]]] = {
    CycleRow: (tables.cycles, ("cycle",)),
    AdapterRow: (tables.adapters, ("cycle", "name")),
    CostRow: (tables.costs, ("id",)),
    OpeningRow: (tables.openings, ("number",)),
    Session: (tables.sessions, ("number",)),
}
"""Where each kind of row is, and its order."""


def read_rows(session: OrmSession, study_id: int, kind: type[T]) -> list[T]:
    """Return the rows of one kind of the ledger, in order."""
    table, order = LEDGER[kind]
    return [from_row(kind, row) for row in _all(session, study_id, table, *order)]


def read_everything(session: OrmSession, study_id: int) -> None:
    """Read every row of a study, for what is raised on the way."""
    for read in (read_config, read_records, read_asked):
        read(session, study_id)
    for kind in LEDGER:
        read_rows(session, study_id, kind)


def _key(row: Columns) -> Key:
    return Key(whole(row["cycle"]), whole(row["position"]))


def _program(row: Columns) -> Program:
    program = Program(row["source"])
    if program.digest != row["digest"]:
        raise ValueError(f"the source of program {row['digest'][:12]} is not what was stored")
    return program


def _all(session: OrmSession, study_id: int, table: Table, *order: str) -> list[Columns]:
    """Return the rows of a study, without the columns `NEVER_ASKED`."""
    columns = [column for column in table.c if column.name not in NEVER_ASKED]
    rows = select(*columns).where(table.c.study_id == study_id).order_by(*(table.c[name] for name in order))
    names = [column.name for column in columns]
    # Plain dictionaries: looking up a column of a SQLAlchemy row takes several times as long.
    return [dict(zip(names, row, strict=True)) for row in session.execute(rows).all()]
