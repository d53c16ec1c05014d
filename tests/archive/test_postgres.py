"""Several studies and machines on one PostgreSQL server: what only a server can get wrong."""

import json
import shutil
import subprocess
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import make_url

from archwright.archive import Archive, CostRow, digest, schema
from archwright.candidate import Candidate, Key, Outcome, Program, Record, Stage, Trial
from archwright.errors import StorageError, StudyBusyError, StudyError, StudyTooNewError

RunPython = Callable[..., "subprocess.Popen[str]"]
Fill = Callable[[Archive, list[Record]], None]


@pytest.fixture
def url(postgres: Any) -> str:
    """The address of an empty database."""
    address: str = postgres.create_database()
    return address


def connect(url: str) -> "psycopg.Connection[Any]":
    address = make_url(url)
    return psycopg.connect(
        host=str(address.query["host"]), user=address.username, dbname=address.database, autocommit=True
    )


def test_a_study_on_a_server_equals_one_in_a_file(tmp_path: Path, url: str, fill: Fill, records: list[Record]) -> None:
    for name, address in (("file", None), ("server", url)):
        with Archive.create(tmp_path / name, {"seed": 3}, url=address) as archive:
            fill(archive, records)
    assert digest(tmp_path / "server") == digest(tmp_path / "file")
    assert sorted(path.name for path in (tmp_path / "server").iterdir()) == ["study.json", "study.lock"]


def test_a_password_goes_to_the_server_and_nowhere_else(tmp_path: Path, url: str) -> None:
    secret = make_url(url).set(password="open sesame")
    Archive.create(tmp_path / "study", {}, url=secret.render_as_string(hide_password=False)).close()
    assert "sesame" not in (tmp_path / "study" / "study.json").read_text()
    Archive.open(tmp_path / "study").close()
    dump = subprocess.run(["grep", "-r", "sesame", str(tmp_path)], capture_output=True, check=False)
    assert dump.stdout == b""


HOLD = """
import sys, pathlib
from archwright.archive import Archive
with Archive.open(pathlib.Path(sys.argv[1])):
    print("open", flush=True)
    sys.stdin.read()
"""


def test_a_study_is_written_from_one_machine_only(tmp_path: Path, url: str, run_python: RunPython) -> None:
    Archive.create(tmp_path / "here", {}, url=url).close()
    shutil.copytree(tmp_path / "here", tmp_path / "there")  # another machine has its own lock file
    holder = run_python(HOLD, tmp_path / "here")
    assert holder.stdout is not None
    assert holder.stdout.readline() == "open\n"
    with pytest.raises(StudyBusyError, match=f"archwright, process {holder.pid} on .* is running the study"):
        Archive.open(tmp_path / "there")
    with Archive.open(tmp_path / "there", read_only=True) as archive:
        assert archive.records() == []
    holder.kill()
    holder.wait()
    Archive.open(tmp_path / "there").close()


def test_a_lock_that_was_lost_with_the_connection_is_taken_again(tmp_path: Path, url: str) -> None:
    with Archive.create(tmp_path / "here", {}, url=url) as archive:
        archive.add_candidates([], cost=CostRow(1, "train"))
        with connect(url) as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'archwright%'"
            )
        archive.add_candidates([], cost=CostRow(2, "train"))
        shutil.copytree(tmp_path / "here", tmp_path / "there")
        with pytest.raises(StudyBusyError):
            Archive.open(tmp_path / "there")
    with Archive.open(tmp_path / "there") as archive:
        assert len(archive.costs()) == 2


def test_studies_created_at_the_same_moment_share_the_tables(tmp_path: Path, url: str) -> None:
    together = threading.Barrier(6)

    def create(number: int) -> None:
        together.wait()
        Archive.create(tmp_path / str(number), {"seed": number}, url=url).close()

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(create, range(6)))
    for number in range(6):
        with Archive.open(tmp_path / str(number), read_only=True) as archive:
            assert archive.config == {"seed": number}


WRITE = """
import sys, pathlib
from archwright.archive import Archive
from archwright.candidate import *

with Archive.open(pathlib.Path(sys.argv[1])) as archive:
    print("open", flush=True)
    for index in range(len(archive.records()), 100_000):
        key = Key(1, index)
        archive.add_candidates([Candidate(key, Program(f"# {index % 5}"), "full", seed=index)])
        archive.add_outcome(key, Trial(None, index), Outcome(Stage.PARSE, seed=index))
        print(index, flush=True)
"""


def test_a_killed_study_goes_on_while_another_writes_beside_it(tmp_path: Path, url: str, run_python: RunPython) -> None:
    studies = [tmp_path / "first", tmp_path / "second"]
    for study in studies:
        Archive.create(study, {}, url=url).close()

    def start(study: Path) -> "subprocess.Popen[str]":
        process = run_python(WRITE, study)
        assert process.stdout is not None
        assert process.stdout.readline() == "open\n"
        return process

    def write(process: "subprocess.Popen[str]", rows: int) -> int:
        assert process.stdout is not None
        return [int(process.stdout.readline()) for _ in range(rows)][-1]

    first, second = map(start, studies)
    for _ in range(2):
        acknowledged = write(first, 10)
        first.kill()
        first.wait()
        with Archive.open(studies[0], read_only=True) as archive:
            stored = archive.records()
        assert [record.candidate.key.index for record in stored] == list(range(len(stored)))
        assert len([record for record in stored if record.outcome is not None]) > acknowledged
        if stored[-1].outcome is None:  # killed between the two; `resume` would evaluate it
            with Archive.open(studies[0]) as archive:
                archive.add_outcome(stored[-1].candidate.key, Trial(None, 0), Outcome(Stage.PARSE))
        first = start(studies[0])
        assert write(first, 1) == len(stored)
        write(second, 10)
    for process in (first, second):
        process.kill()
        process.wait()
    with Archive.open(studies[1], read_only=True) as archive:
        assert all(record.candidate.seed == record.candidate.key.index for record in archive.records())


def test_a_reader_sees_one_state_while_the_study_goes_on(tmp_path: Path, url: str) -> None:
    from archwright.archive import reading

    with (
        Archive.create(tmp_path / "study", {}, url=url) as writer,
        Archive.open(tmp_path / "study", read_only=True) as reader,
    ):
        with reader.reading() as session:
            assert reading.read_records(session, reader.study_id) == []
            writer.add_candidates([Candidate(Key(1, 0), Program("x = 1\n"), "full", seed=0)])
            assert reading.read_records(session, reader.study_id) == []
        assert len(reader.records()) == 1


def test_a_server_that_is_down_is_named_and_the_study_goes_on_when_it_is_back(
    tmp_path: Path, postgres: Any, url: str
) -> None:
    with Archive.create(tmp_path / "study", {}, url=url) as archive:
        archive.add_candidates([], cost=CostRow(1, "train"))
        postgres.stop()
        try:
            with pytest.raises(StorageError, match="does not answer"):
                archive.add_candidates([], cost=CostRow(2, "train"))
            with pytest.raises(StorageError, match="does not answer"):
                Archive.open(tmp_path / "study", read_only=True)
            with pytest.raises(StorageError, match="does not answer"):
                Archive.create(tmp_path / "new", {}, url=url)
        finally:
            postgres.start()
        archive.add_candidates([], cost=CostRow(2, "train"))
        assert [cost.cycle for cost in archive.costs()] == [1, 2]
    assert not (tmp_path / "new" / "study.json").exists()


def test_a_database_that_is_not_there_and_one_that_forbids_are_named(tmp_path: Path, postgres: Any, url: str) -> None:
    with pytest.raises(StorageError, match='database "absent" does not exist'):
        Archive.create(tmp_path / "study", {}, url=postgres.url("absent"))
    with connect(url) as connection:
        connection.execute("CREATE ROLE guest LOGIN")
    guest = make_url(url).set(username="guest").render_as_string(hide_password=False)
    with pytest.raises(StorageError, match="does not permit"):
        Archive.create(tmp_path / "study", {}, url=guest)


def test_a_newer_schema_on_the_server_is_refused_and_an_older_one_brought_up_to_date(
    tmp_path: Path, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    study = tmp_path / "study"
    Archive.create(study, {"seed": 5}, url=url).close()
    newer = tmp_path / "newer"
    shutil.copytree(schema.MIGRATIONS, newer, ignore=shutil.ignore_patterns("__pycache__"))
    newest = schema.known_revisions()[-1]
    following = f"{int(newest) + 1:04}"
    (newer / "versions" / f"{following}_note.py").write_text(
        f"from alembic import op\nimport sqlalchemy as sa\nrevision, down_revision = '{following}', '{newest}'\n"
        "def upgrade():\n    op.add_column('candidates', sa.Column('note', sa.Text()))\n"
    )
    with monkeypatch.context() as patch:
        patch.setattr(schema, "MIGRATIONS", newer)
        with pytest.raises(StudyError, match="older schema"):
            Archive.open(study, read_only=True)
        with Archive.open(study) as archive:
            assert archive.config == {"seed": 5}
    with pytest.raises(StudyTooNewError):
        Archive.open(study, read_only=True)
    with pytest.raises(StudyTooNewError):
        Archive.create(tmp_path / "another", {}, url=url)


def test_a_pointer_to_a_study_that_is_not_there_is_damage(tmp_path: Path, url: str) -> None:
    from archwright.errors import StudyDamagedError

    Archive.create(tmp_path / "study", {}, url=url).close()
    pointer = tmp_path / "study" / "study.json"
    pointer.write_text(json.dumps(json.loads(pointer.read_text()) | {"study": 99}))
    with pytest.raises(StudyDamagedError, match="does not hold study 99"):
        Archive.open(tmp_path / "study")
