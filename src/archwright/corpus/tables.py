"""The tables of a corpus."""

from sqlalchemy import JSON, Column, Float, ForeignKey, Index, Integer, MetaData, String, Table

LAYOUT = 2
"""Raised whenever the tables change."""

metadata = MetaData()
about = Table("about", metadata, Column("key", String, primary_key=True), Column("value", JSON, nullable=False))
programs = Table(
    "programs",
    metadata,
    Column("name", String, primary_key=True),
    Column("origin", String, nullable=False),
    Column("licence", String),
    Column("source", String, nullable=False),
    Column("accuracy", Float),
    Column("rank", Integer, nullable=False),
    Column("representative", ForeignKey("programs.name")),
    Column("step", String),
    Column("reason", String),
)
trials = Table(
    "trials",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("program", ForeignKey("programs.name"), nullable=False),
    Column("task", String, nullable=False),
    Column("dataset", String, nullable=False),
    Column("metric", String, nullable=False),
    Column("epoch", Integer, nullable=False),
    Column("accuracy", Float, nullable=False),
    Column("duration_ns", Integer, nullable=False),
    Column("batch", Integer, nullable=False),
    Column("transform", String, nullable=False),
    Column("uid", String, nullable=False),
    Column("hyperparameters", JSON, nullable=False),
    Index("trials_by_program", "program"),
    Index("trials_by_dataset", "dataset", "epoch"),
)
examples = Table(
    "examples",
    metadata,
    Column("name", String, primary_key=True),
    Column("program", ForeignKey("programs.name"), nullable=False),
    Column("compact", String),
    Column("full", String, nullable=False),
    Column("split", String),
    Column("mutations", Integer, nullable=False, default=0),
)
runs = Table(
    "runs",
    metadata,
    Column("example", ForeignKey("examples.name"), primary_key=True),
    Column("shape", String, primary_key=True),
    Column("params", Integer),
)
edits = Table(
    "edits",
    metadata,
    Column("worse", String, nullable=False),
    Column("better", String, nullable=False),
    Column("worse_score", Float, nullable=False),
    Column("better_score", Float, nullable=False),
    Column("place", String, nullable=False),
    Column("split", String, nullable=False),
)
noises = Table(
    "noises",
    metadata,
    Column("place", String, primary_key=True),
    Column("deviation", Float),
    Column("programs", Integer, nullable=False),
    Column("trainings", Integer, nullable=False),
)
