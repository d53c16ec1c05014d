"""The tables of the archive, made from the dataclasses whose rows they hold.

Every row names its study, so that several studies can share a database, and every candidate row its cycle and index:
keys mean something and do not depend on the order in which outcomes arrived. (The index is the column `position`,
since INDEX is a word of SQL.) The tables are created by the migrations beside this module, which must say the same (a
test compares them).
"""

from typing import Any

from sqlalchemy import BigInteger, Column, ForeignKeyConstraint, Index, Integer, MetaData, Table, UniqueConstraint

from archwright.archive.codec import columns_of
from archwright.archive.columns import ExactText, Instant, JsonColumn, Whole
from archwright.archive.ledger import AdapterRow, CostRow, CycleRow, OpeningRow, Session
from archwright.candidate import Admission, Call, Candidate, Fidelity, Outcome, Trial

METADATA = MetaData()
KEY = ("cycle", "position")
TRIAL = ("seed", "split", "epochs", "train_size", "image_size", "recipe")
"""What tells the trials of one candidate apart."""


def _key(*names: str) -> list[Column[Any]]:
    return [Column("study_id", Integer, primary_key=True)] + [
        Column(name, BigInteger, primary_key=True, autoincrement=False) for name in names
    ]


def _refers(columns: tuple[str, ...], table: str, names: tuple[str, ...] | None = None) -> ForeignKeyConstraint:
    return ForeignKeyConstraint(columns, [f"{table}.{name}" for name in names or columns])


def _of_study() -> ForeignKeyConstraint:
    return _refers(("study_id",), "studies", ("id",))


def _time(name: str) -> Column[Any]:
    return Column(name, Instant, nullable=False)


def _rest(cls: type, *keys: str) -> list[Column[Any]]:
    """Return the columns of a dataclass but for those that are part of the key."""
    return [column for column in columns_of(cls) if column.name not in keys]


studies = Table(
    "studies",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("name", ExactText, nullable=False),
    Column("config", JsonColumn, nullable=False),
    _time("created_at"),
    Column("archwright", ExactText, nullable=False),
)
"""A study, the configuration that determines it, and the last version that opened it for writing."""

sessions = Table("sessions", METADATA, *_key("number"), *_rest(Session, "number"), _of_study())

programs = Table(
    "programs",
    METADATA,
    *_key(),
    Column("digest", ExactText, primary_key=True),
    Column("source", ExactText, nullable=False),
    _of_study(),
)
"""A source text, once per study however many candidates have it."""

candidates = Table(
    "candidates",
    METADATA,
    *_key(*KEY),
    Column("program", ExactText, nullable=True),
    *columns_of(Candidate, leave_out=("key", "program", "calls")),
    _time("created_at"),
    _of_study(),
    _refers(("study_id", "program"), "programs", ("study_id", "digest")),
    Index("candidates_by_program", "study_id", "program"),
)
"""A candidate, stored before it is evaluated."""

calls = Table("calls", METADATA, *_key(*KEY, "number"), *columns_of(Call), _refers(("study_id", *KEY), "candidates"))
"""What language models were asked for a candidate, and what they answered."""

asked = Table("asked", METADATA, *_key("seed"), *columns_of(Call), _of_study())
"""Answers that led to no candidate yet: kept before they are used, so that nobody is asked (and paid) twice."""

outcomes = Table(
    "outcomes",
    METADATA,
    *_key(*KEY, "number"),
    *columns_of(Trial, leave_out=("program", "at")),
    *columns_of(Fidelity),
    *columns_of(Outcome, leave_out=("seed",), types={"params": Whole, "flops": Whole}),
    _time("finished_at"),
    _refers(("study_id", *KEY), "candidates"),
    UniqueConstraint("study_id", *KEY, *TRIAL, name="outcomes_by_trial"),
)
"""What happened to a candidate in one trial; number 0 is the search's own."""

cycles = Table("cycles", METADATA, *_key("cycle"), *_rest(CycleRow, "cycle"), _time("closed_at"), _of_study())

admissions = Table(
    "admissions",
    METADATA,
    *_key(*KEY),
    *columns_of(Admission),
    _refers(("study_id", *KEY), "candidates"),
    _refers(("study_id", "cycle"), "cycles"),
)
"""The verdict on a candidate, written with the cycle it closes."""

adapters = Table(
    "adapters",
    METADATA,
    *_key(),
    Column("name", ExactText, primary_key=True),
    *_rest(AdapterRow, "name"),
    _time("created_at"),
    _of_study(),
)

costs = Table(
    "costs",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("study_id", Integer, nullable=False),
    *columns_of(CostRow),
    _time("recorded_at"),
    _of_study(),
    Index("costs_by_study", "study_id"),
)

openings = Table("openings", METADATA, *_key("number"), *_rest(OpeningRow, "number"), _of_study())
