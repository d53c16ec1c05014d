"""Reading the rows of one study as the dataclasses of the loop.

A value that no version of Archwright writes is a ValueError, KeyError or TypeError here; the callers make it the
StudyDamagedError it is.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.orm import Session as OrmSession

from archwright.archive import mapping
from archwright.archive.ledger import AdapterRow, CostRow, CycleRow, FinalRow, OpeningRow, Session
from archwright.archive.models import (
    Base,
    StoredAdapter,
    StoredAdmission,
    StoredCandidate,
    StoredCost,
    StoredCycle,
    StoredFinal,
    StoredOpening,
    StoredOutcome,
    StoredProgram,
    StoredSession,
    StoredStudy,
)
from archwright.candidate import Key, Program, Record


def read_config(session: OrmSession, study_id: int) -> dict[str, Any]:
    """Return the study's configuration."""
    config = session.get_one(StoredStudy, study_id).config
    if not isinstance(config, dict):
        raise TypeError("the configuration is not a table")
    return config


def read_records(session: OrmSession, study_id: int) -> list[Record]:
    """Return every candidate with its outcome and verdict where there are any, ordered by key."""
    programs = {row.digest: _program(row) for row in _all(session, study_id, StoredProgram)}
    outcomes = {
        Key(row.cycle, row.position): mapping.row_to_outcome(row) for row in _all(session, study_id, StoredOutcome)
    }
    admissions = {
        Key(row.cycle, row.position): mapping.row_to_admission(row) for row in _all(session, study_id, StoredAdmission)
    }
    candidates = [
        mapping.row_to_candidate(row, programs[row.program])
        for row in _all(session, study_id, StoredCandidate, "cycle", "position")
    ]
    return [Record(each, outcomes.get(each.key), admissions.get(each.key)) for each in candidates]


def read_cycles(session: OrmSession, study_id: int) -> list[CycleRow]:
    """Return the closed cycles, in order."""
    return [mapping.row_to_cycle(row) for row in _all(session, study_id, StoredCycle, "cycle")]


def read_adapters(session: OrmSession, study_id: int) -> list[AdapterRow]:
    """Return the adapters by cycle, then name."""
    return [mapping.row_to_adapter(row) for row in _all(session, study_id, StoredAdapter, "cycle", "name")]


def read_costs(session: OrmSession, study_id: int) -> list[CostRow]:
    """Return the costs as they were added."""
    return [mapping.row_to_cost(row) for row in _all(session, study_id, StoredCost, "id")]


def read_openings(session: OrmSession, study_id: int) -> list[OpeningRow]:
    """Return the openings of the test split, in order."""
    return [mapping.row_to_opening(row) for row in _all(session, study_id, StoredOpening, "number")]


def read_finals(session: OrmSession, study_id: int) -> list[FinalRow]:
    """Return what finalists came to on the test split, as it was added."""
    return [mapping.row_to_final(row) for row in _all(session, study_id, StoredFinal, "id")]


def read_sessions(session: OrmSession, study_id: int) -> list[Session]:
    """Return each time the study was open for writing, in order."""
    return [mapping.row_to_session(row) for row in _all(session, study_id, StoredSession, "number")]


EVERYTHING = (
    read_config,
    read_records,
    read_cycles,
    read_adapters,
    read_costs,
    read_openings,
    read_finals,
    read_sessions,
)


def _program(row: Row[Any]) -> Program:
    program = Program(row.source)
    if program.digest != row.digest:
        raise ValueError(f"the source of program {row.digest[:12]} is not what was stored")
    return program


def _all(session: OrmSession, study_id: int, model: type[Base], *order: str) -> Sequence[Row[Any]]:
    table = Base.metadata.tables[model.__tablename__]
    rows = select(table).where(table.c.study_id == study_id).order_by(*(table.c[name] for name in order))
    return session.execute(rows).all()
