"""The tables of the archive, as SQLAlchemy models.

Every row names its study, so that several studies can share a database, and every candidate row its cycle and index:
keys mean something and do not depend on the order in which outcomes arrived. (The index is the column `position`,
since INDEX is a word of SQL.) The tables are created by the migrations
beside this module, which must say the same (a test compares them).
"""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKeyConstraint, Index, Integer
from sqlalchemy.orm import DeclarativeBase, Mapped, MappedAsDataclass, mapped_column

from archwright.archive.columns import ExactText, Instant, Json, Real, Whole

_KEY = ("study_id", "cycle", "position")


def _refers(columns: tuple[str, ...], table: str, names: tuple[str, ...] | None = None) -> ForeignKeyConstraint:
    return ForeignKeyConstraint(columns, [f"{table}.{name}" for name in names or columns])


class Base(MappedAsDataclass, DeclarativeBase, kw_only=True):
    """Common to all tables: how Python types are stored."""

    type_annotation_map = {  # noqa: RUF012 - read by SQLAlchemy when the class is made
        int: BigInteger,
        float: Real,
        str: ExactText,
        datetime: Instant,
        dict[str, Any]: Json,
        list[str]: Json,
        list[int]: Json,
    }


class StoredStudy(Base):
    """A study and the configuration that determines it."""

    __tablename__ = "studies"

    id: Mapped[int] = mapped_column(Integer, primary_key=True, init=False)
    name: Mapped[str]
    config: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]
    archwright: Mapped[str]
    """The last version that opened it for writing."""


class StoredSession(Base):
    """One time the study was open for writing."""

    __tablename__ = "sessions"
    __table_args__ = (_refers(("study_id",), "studies", ("id",)),)

    study_id: Mapped[int] = mapped_column(Integer, primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    opened_at: Mapped[datetime]
    environment: Mapped[dict[str, Any]]


class StoredProgram(Base):
    """A source text, once per study however many candidates have it."""

    __tablename__ = "programs"
    __table_args__ = (_refers(("study_id",), "studies", ("id",)),)

    study_id: Mapped[int] = mapped_column(Integer, primary_key=True)
    digest: Mapped[str] = mapped_column(primary_key=True)
    source: Mapped[str]


class StoredCandidate(Base):
    """A candidate, stored before it is evaluated."""

    __tablename__ = "candidates"
    __table_args__ = (
        _refers(("study_id",), "studies", ("id",)),
        _refers(("study_id", "program"), "programs", ("study_id", "digest")),
        Index("candidates_by_program", "study_id", "program"),
    )

    study_id: Mapped[int] = mapped_column(Integer, primary_key=True)
    cycle: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    program: Mapped[str]
    generator: Mapped[str]
    seed: Mapped[int]
    parents: Mapped[list[str]]
    operation: Mapped[str | None]
    prompt: Mapped[str | None]
    completion: Mapped[str | None]
    model: Mapped[str | None]
    adapter: Mapped[str | None]
    prompt_tokens: Mapped[int]
    completion_tokens: Mapped[int]
    finish_reason: Mapped[str | None]
    repair: Mapped[str | None]
    generate_s: Mapped[float | None]
    created_at: Mapped[datetime]


class StoredOutcome(Base):
    """What happened to a candidate."""

    __tablename__ = "outcomes"
    __table_args__ = (_refers(_KEY, "candidates"),)

    study_id: Mapped[int] = mapped_column(Integer, primary_key=True)
    cycle: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    stage: Mapped[str]
    failure_stage: Mapped[str | None]
    failure_kind: Mapped[str | None]
    failure_message: Mapped[str | None]
    failure_line: Mapped[int | None]
    accuracy: Mapped[float | None]
    loss: Mapped[float | None]
    n: Mapped[int | None]
    """Not NULL exactly when there are scores."""
    params: Mapped[int | None] = mapped_column(Whole)
    flops: Mapped[int | None] = mapped_column(Whole)
    seconds: Mapped[dict[str, Any]]
    cpu_s: Mapped[float | None]
    gpu_s: Mapped[float | None]
    memory_mb: Mapped[float | None]
    received_bytes: Mapped[int]
    seed: Mapped[int]
    protocol: Mapped[str]
    isolation: Mapped[int]
    log: Mapped[str]
    cached: Mapped[bool]
    finished_at: Mapped[datetime]


class StoredCycle(Base):
    """A closed cycle."""

    __tablename__ = "cycles"
    __table_args__ = (_refers(("study_id",), "studies", ("id",)),)

    study_id: Mapped[int] = mapped_column(Integer, primary_key=True)
    cycle: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    threshold: Mapped[float | None]
    closed_at: Mapped[datetime]


class StoredAdmission(Base):
    """The verdict on a candidate, written with the cycle it closes."""

    __tablename__ = "admissions"
    __table_args__ = (_refers(_KEY, "outcomes"), _refers(("study_id", "cycle"), "cycles"))

    study_id: Mapped[int] = mapped_column(Integer, primary_key=True)
    cycle: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    reason: Mapped[str]
    lexical_value: Mapped[float | None]
    lexical_nearest: Mapped[str | None]
    canonical_value: Mapped[float | None]
    canonical_nearest: Mapped[str | None]
    rejections: Mapped[int | None]


class StoredAdapter(Base):
    """Fine-tuned weights."""

    __tablename__ = "adapters"
    __table_args__ = (_refers(("study_id",), "studies", ("id",)),)

    study_id: Mapped[int] = mapped_column(Integer, primary_key=True)
    name: Mapped[str] = mapped_column(primary_key=True)
    cycle: Mapped[int]
    folder: Mapped[str]
    model: Mapped[str]
    parents: Mapped[list[str]]
    pairs: Mapped[int]
    steps: Mapped[int]
    loss: Mapped[float | None]
    digest: Mapped[str]
    created_at: Mapped[datetime]


class StoredCost(Base):
    """What one stage of one cycle used."""

    __tablename__ = "costs"
    __table_args__ = (_refers(("study_id",), "studies", ("id",)), Index("costs_by_study", "study_id"))

    id: Mapped[int] = mapped_column(Integer, primary_key=True, init=False)
    study_id: Mapped[int] = mapped_column(Integer)
    cycle: Mapped[int]
    stage: Mapped[str]
    wall_s: Mapped[float | None]
    cpu_s: Mapped[float | None]
    gpu_s: Mapped[float | None]
    tokens: Mapped[int]
    bytes: Mapped[int]
    recorded_at: Mapped[datetime]


class StoredOpening(Base):
    """One opening of the test split."""

    __tablename__ = "openings"
    __table_args__ = (_refers(("study_id",), "studies", ("id",)),)

    study_id: Mapped[int] = mapped_column(Integer, primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    programs: Mapped[list[str]]
    seeds: Mapped[list[int]]
    epochs: Mapped[int]
    opened_at: Mapped[datetime]


class StoredFinal(Base):
    """A finalist on the test split."""

    __tablename__ = "finals"
    __table_args__ = (
        _refers(("study_id", "program"), "programs", ("study_id", "digest")),
        Index("finals_by_study", "study_id"),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True, init=False)
    study_id: Mapped[int] = mapped_column(Integer)
    program: Mapped[str]
    seed: Mapped[int]
    protocol: Mapped[str]
    accuracy: Mapped[float | None]
    loss: Mapped[float | None]
    n: Mapped[int]
    opened_at: Mapped[datetime]
    failure_stage: Mapped[str | None]
    failure_kind: Mapped[str | None]
    failure_message: Mapped[str | None]
    failure_line: Mapped[int | None]
    params: Mapped[int | None] = mapped_column(Whole)
    isolation: Mapped[int]
