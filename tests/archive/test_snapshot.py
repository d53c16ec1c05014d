import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from archwright import foreign_database
from archwright.archive import Archive, snapshot
from archwright.candidate import Candidate, Key, Program, Record
from archwright.errors import StudyDamagedError

RunPython = Callable[..., "subprocess.Popen[str]"]

WRITER = """
import pathlib, sys, time
from archwright.archive import Archive
from archwright.candidate import *
with Archive.open(pathlib.Path(sys.argv[1])) as archive:
    for cycle in range(1, 10_000):
        program = Program(f"# {cycle} " + "x" * 300_000)  # the log is started anew every dozen cycles
        archive.add_candidates([Candidate(Key(cycle, index), program, "full", seed=0) for index in range(3)])
        print(cycle, flush=True)
        time.sleep(0.03)
"""


def test_a_running_study_is_read_in_a_consistent_state_that_has_all_it_acknowledged(
    tmp_path: Path, run_python: RunPython
) -> None:
    study = tmp_path / "study"
    Archive.create(study, {}).close()
    writer = run_python(WRITER, study)
    assert writer.stdout is not None
    for _ in range(12):
        acknowledged = int(writer.stdout.readline())
        with Archive.open(study, read_only=True) as archive:
            keys = [record.candidate.key for record in archive.records()]
        assert keys == [Key(cycle, index) for cycle in range(1, len(keys) // 3 + 1) for index in range(3)]
        assert keys[-1].cycle >= acknowledged


def test_a_study_that_changes_faster_than_it_can_be_copied_is_read_directly(
    study: Path, records: list[Record], monkeypatch: pytest.MonkeyPatch
) -> None:
    counter = iter(range(1000))
    monkeypatch.setattr(snapshot, "state_of", lambda path: next(counter))
    with Archive.open(study, read_only=True) as archive:
        assert archive.records() == records


def test_a_damaged_log_hides_no_row_of_the_main_file(study: Path) -> None:
    (study / "study.db-wal").write_bytes(b"not a log" * 1000)
    with Archive.open(study, read_only=True) as archive:
        assert len(archive.records()) == 5


LOOK = "import sqlite3, sys; c = sqlite3.connect(sys.argv[1]); c.execute('SELECT * FROM studies').fetchall(); c.close()"


def test_reading_a_study_this_process_writes_keeps_its_locks(study: Path) -> None:
    """Closing any descriptor of a file drops the process's locks on it: the next visitor would delete the log."""
    with Archive.open(study) as archive:
        for index in range(3):
            archive.add_candidates([Candidate(Key(7, index), Program("class Net: ..."), "full", seed=0)])
            with Archive.open(study, read_only=True) as reader:
                assert len(reader.records()) == 6 + index
            subprocess.run([sys.executable, "-c", LOOK, study / "study.db"], check=True)
            assert (study / "study.db-wal").exists()
    with Archive.open(study, read_only=True) as reader:
        assert len(reader.records()) == 8


def test_a_missing_file_is_damage(tmp_path: Path) -> None:
    with pytest.raises(StudyDamagedError, match="missing"):
        snapshot.read_snapshot(tmp_path / "study.db", is_open_here=False)


SLOW = "length(replace(hex(zeroblob(100000000)), '0', 'aaaaaaaaaa'))"


@pytest.mark.parametrize(
    ("sql", "named"),
    [
        (f"CREATE TABLE more (a CHECK ({SLOW} > 0))", "CHECK"),
        (f"CREATE TABLE more (a, b AS ({SLOW}))", "AS"),
        (f"CREATE TABLE more (a, b DEFAULT ({SLOW}))", "DEFAULT"),
        ("CREATE INDEX more ON programs (hex(source))", "INDEX"),
        ("CREATE INDEX more ON programs (source) WHERE hex(source) > 0", "INDEX"),
        ("CREATE VIRTUAL TABLE more USING fts5(a)", "VIRTUAL"),
        ("CREATE VIEW more AS SELECT 1", "VIEW"),
    ],
    ids=["check", "generated", "default", "index of an expression", "partial index", "virtual", "view"],
)
def test_a_database_that_would_have_sqlite_compute_is_not_even_checked(study: Path, sql: str, named: str) -> None:
    with sqlite3.connect(study / "study.db") as database:
        database.execute(sql)
    database.close()
    with pytest.raises(StudyDamagedError, match=rf"computes something \({named}\)"):
        Archive.open(study, read_only=True)


@pytest.mark.parametrize("name", ["study.db", "study.db-wal"])
def test_what_is_no_file_or_holds_more_than_a_study_is_not_copied(study: Path, name: str) -> None:
    path = study / name
    with path.open("ab") as file:
        file.truncate(foreign_database.LARGEST + 1)
    with pytest.raises(StudyDamagedError, match="bytes"):
        Archive.open(study, read_only=True)
    path.unlink()
    os.mkfifo(path)
    with pytest.raises(StudyDamagedError, match="not a file"):
        Archive.open(study, read_only=True)
