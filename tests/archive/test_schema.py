import dataclasses
import json
import shutil
import signal
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from importlib import import_module
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine

from archwright.archive import AdapterRow, Archive, CostRow, CycleRow, OpeningRow, Session, digest, schema
from archwright.archive.tables import METADATA
from archwright.candidate import Admission, Call, Candidate, Fidelity, Outcome, Record, Trial
from archwright.configuring import build_config
from archwright.errors import StudyTooNewError

ADD_A_COLUMN = """
from alembic import op
import os, signal
import sqlalchemy as sa

revision = "NEXT"
down_revision = "LAST"

def upgrade():
    op.add_column("candidates", sa.Column("note", sa.Text()))
    with op.batch_alter_table("programs") as programs:
        programs.alter_column("source", new_column_name="source", existing_type=sa.Text())
"""
KILL_ITSELF = """
    if op.get_bind().exec_driver_sql("PRAGMA database_list").first()[2]:  # a file, not the rehearsal in memory
        os.kill(os.getpid(), signal.SIGKILL)
"""
LAST = schema.known_revisions()[-1]
NEXT = f"{int(LAST) + 1:04d}"
Photograph = Callable[[Path], dict[str, object]]


def make_next_version(folder: Path, migration: str) -> Path:
    """Return the migrations of an Archwright that has one more."""
    migrations = folder / "migrations"
    shutil.copytree(schema.MIGRATIONS, migrations, ignore=shutil.ignore_patterns("__pycache__"))
    text = migration.replace("NEXT", NEXT).replace("LAST", LAST)
    (migrations / "versions" / f"{NEXT}_note.py").write_text(text)
    return migrations


@pytest.fixture
def next_version(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schema, "MIGRATIONS", make_next_version(tmp_path, ADD_A_COLUMN))


def columns(database: Path) -> list[str]:
    with closing(sqlite3.connect(database)) as connection:
        return [row[1] for row in connection.execute("PRAGMA table_info(candidates)")]


@contextmanager
def migrating() -> Iterator[Connection]:
    """An empty database in memory, as a migration finds it."""
    engine = create_engine("sqlite://")
    with engine.connect() as connection, Operations.context(MigrationContext.configure(connection)):
        yield connection
    engine.dispose()


def test_the_migrations_make_exactly_the_tables_of_the_models(study: Path) -> None:
    engine = create_engine(f"sqlite:///{study / 'study.db'}")
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), METADATA) == []
    engine.dispose()


def test_revisions_are_numbered_in_one_line() -> None:
    config = Config()
    config.set_main_option("script_location", str(schema.MIGRATIONS))
    walked = [script.revision for script in ScriptDirectory.from_config(config).walk_revisions()]
    assert walked[::-1] == schema.known_revisions()
    assert schema.known_revisions()[0] == "0001"


@pytest.mark.parametrize(
    ("noun", "table", "elsewhere"),
    [
        (Candidate, "candidates", {"key", "calls", "failure", "at"}),
        (Call, "calls", set()),
        (Outcome, "outcomes", {"failure", "scores"}),
        (Trial, "outcomes", {"program", "at"}),
        (Fidelity, "outcomes", set()),
        (Admission, "admissions", {"lexical", "canonical", "graph"}),
        (CycleRow, "cycles", set()),
        (AdapterRow, "adapters", set()),
        (CostRow, "costs", set()),
        (OpeningRow, "openings", set()),
        (Session, "sessions", set()),
    ],
)
def test_every_field_has_its_column(noun: type, table: str, elsewhere: set[str]) -> None:
    fields = {field.name for field in dataclasses.fields(noun)} - elsewhere
    assert fields <= set(METADATA.tables[table].columns.keys())


@pytest.mark.usefixtures("next_version")
def test_an_older_study_is_migrated_when_opened_for_writing_and_kept_as_a_copy(
    study: Path, records: list[Record]
) -> None:
    with Archive.open(study) as archive:
        assert archive.records() == records
    assert "note" in columns(study / "study.db")
    assert "note" not in columns(study / f"study.db.schema-{LAST}")
    Archive.open(study).close()


def test_the_copy_of_a_migrated_study_is_the_study_as_it_was(
    study: Path, records: list[Record], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = digest(study)
    with monkeypatch.context() as patch:
        patch.setattr(schema, "MIGRATIONS", make_next_version(tmp_path, ADD_A_COLUMN))
        Archive.open(study).close()
        assert digest(study) == before
    with pytest.raises(StudyTooNewError, match=f"has schema {NEXT}.*up to {LAST}"):
        Archive.open(study)
    (study / f"study.db.schema-{LAST}").replace(study / "study.db")
    with Archive.open(study) as archive:
        assert archive.records() == records
    assert digest(study) == before


@pytest.mark.usefixtures("next_version")
def test_an_older_study_is_read_without_changing_it(study: Path, records: list[Record], photograph: Photograph) -> None:
    before = photograph(study)
    with Archive.open(study, read_only=True) as archive:
        assert archive.records() == records
    assert photograph(study) == before


def test_a_study_of_the_time_of_warm_starts_goes_on_from_its_own_adapter() -> None:
    old = {
        "tune": {"warm_start": True, "warm_start_epochs": 2, "warm_start_mutations": 0, "rank": 4},
        "llm": {"batch": 3},
    }
    upgrade = import_module("archwright.archive.migrations.versions.0004_given_adapters").upgrade
    with migrating() as connection:
        connection.exec_driver_sql("CREATE TABLE studies (id INTEGER, config TEXT)")
        connection.exec_driver_sql("INSERT INTO studies VALUES (1, ?)", (json.dumps(old),))
        upgrade()
        text = connection.exec_driver_sql("SELECT config FROM studies").scalar_one()
    config = build_config(json.loads(text))
    assert (config.tune.rank, config.llm.batch, config.llm.adapter) == (4, 3, "none")


def test_a_study_of_the_time_before_repairs_goes_on_without_them() -> None:
    upgrade = import_module("archwright.archive.migrations.versions.0005_repair").upgrade
    with migrating() as connection:
        connection.exec_driver_sql("CREATE TABLE studies (id INTEGER, config TEXT)")
        connection.exec_driver_sql("INSERT INTO studies VALUES (1, ?)", (json.dumps({"llm": {"batch": 3}}),))
        connection.exec_driver_sql("CREATE TABLE candidates (completion TEXT)")
        connection.exec_driver_sql("INSERT INTO candidates VALUES ('text'), (NULL)")
        upgrade()
        text = connection.exec_driver_sql("SELECT config FROM studies").scalar_one()
        repairs = connection.exec_driver_sql("SELECT repair FROM candidates").scalars().all()
    config = build_config(json.loads(text))
    assert (config.llm.batch, config.llm.repair) == (3, False)
    assert repairs == ["raw", None]


def test_a_study_of_the_time_of_novelty_before_the_threshold_keeps_that_order_and_all_of_its_replay() -> None:
    upgrade = import_module("archwright.archive.migrations.versions.0007_published_order").upgrade
    begun = {"loop": {"threshold_quantile": 0.98}, "tune": {"replay": 0}}
    with migrating() as connection:
        connection.exec_driver_sql("CREATE TABLE studies (id INTEGER, config TEXT)")
        connection.exec_driver_sql("INSERT INTO studies VALUES (1, ?), (2, '{}')", (json.dumps(begun),))
        upgrade()
        first, second = connection.exec_driver_sql("SELECT config FROM studies ORDER BY id").scalars()
    config = build_config(json.loads(first))
    assert (config.loop.threshold_first, config.loop.threshold_quantile, config.tune.replay) == (False, 0.98, "all")
    assert second == "{}"


def test_a_study_of_the_time_of_engines_goes_on_with_transformers() -> None:
    upgrade = import_module("archwright.archive.migrations.versions.0012_no_engine").upgrade
    begun = {"llm": {"engine": "int8", "batch": 3}, "improver": {"engine": "transformers"}}
    with migrating() as connection:
        for name in ("studies", "sessions"):
            connection.exec_driver_sql(f"CREATE TABLE {name} (id INTEGER, config TEXT)")
            connection.exec_driver_sql(f"INSERT INTO {name} VALUES (1, ?), (2, '{{}}')", (json.dumps(begun),))
        upgrade()
        for name in ("studies", "sessions"):
            first, second = connection.exec_driver_sql(f"SELECT config FROM {name} ORDER BY id").scalars()
            assert "engine" not in first
            assert build_config(json.loads(first)).llm.batch == 3
            assert second == "{}"


def test_an_improver_of_the_time_of_a_writers_settings_keeps_those_of_a_model() -> None:
    upgrade = import_module("archwright.archive.migrations.versions.0013_improver").upgrade
    writer = {"repair": True, "repair_rounds": 2, "repair_by": "reason", "form": "full", "examples": 1, "remarks": "x"}
    begun = {"llm": writer, "improver": writer | {"temperature": 0.7}}
    with migrating() as connection:
        for name in ("studies", "sessions"):
            connection.exec_driver_sql(f"CREATE TABLE {name} (id INTEGER, config TEXT)")
            connection.exec_driver_sql(f"INSERT INTO {name} VALUES (1, ?), (2, '{{}}')", (json.dumps(begun),))
        upgrade()
        for name in ("studies", "sessions"):
            first, second = connection.exec_driver_sql(f"SELECT config FROM {name} ORDER BY id").scalars()
            assert json.loads(first) == {"llm": writer, "improver": {"temperature": 0.7}}
            assert build_config(json.loads(first)).improver.temperature == 0.7
            assert second == "{}"


def test_a_migration_that_fails_changes_nothing(
    study: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, photograph: Photograph
) -> None:
    failing = ADD_A_COLUMN + "    raise RuntimeError('no')\n"
    monkeypatch.setattr(schema, "MIGRATIONS", make_next_version(tmp_path, failing))
    before = photograph(study)
    with pytest.raises(RuntimeError, match="no"):
        Archive.open(study)
    assert photograph(study) == before


OPEN = """
import sys, pathlib
from archwright.archive import Archive, schema
schema.MIGRATIONS = pathlib.Path(sys.argv[2])
Archive.open(pathlib.Path(sys.argv[1]))
"""


def test_a_migration_that_is_killed_leaves_the_older_study(
    study: Path, records: list[Record], tmp_path: Path, run_python: Callable[..., "subprocess.Popen[str]"]
) -> None:
    process = run_python(OPEN, study, make_next_version(tmp_path, ADD_A_COLUMN + KILL_ITSELF))
    assert process.wait() == -signal.SIGKILL
    with Archive.open(study) as archive:
        assert archive.records() == records
    assert "note" not in columns(study / "study.db")
