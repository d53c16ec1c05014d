"""A study killed at any instant keeps everything it was told was stored, and nothing half-written."""

import os
import random
import signal
import sqlite3
import subprocess
import time
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path

from archwright.archive import Archive
from archwright.candidate import Record

RunPython = Callable[..., "subprocess.Popen[str]"]
BATCH = 4
KILLS = 9

FORK = """
import os, pathlib, sys
from archwright.archive import Archive, CycleRow
from archwright.candidate import *
import alembic.command

def say(line):
    os.write(1, f"{line}\\n".encode())  # whole lines, though two processes write them

while study := sys.stdin.readline().strip():
    child = os.fork()
    if child == 0:
        work(pathlib.Path(study))
        os._exit(0)
    say(f"started {child}")
    os.waitpid(child, 0)
    say("ended")
"""
"""Does `work` in a child for every study named on its input; much faster than a new interpreter each."""

WRITE = """
def work(study):
    with Archive.open(study) as archive:
        cycle = max((record.candidate.key.cycle for record in archive.records()), default=0)
        say("open")
        while True:
            cycle += 1
            keys = [Key(cycle, index) for index in range(4)]
            programs = [Program(f"# {key} " + "x" * 20_000) for key in keys]
            archive.add_candidates([Candidate(key, each, "full", seed=0) for key, each in zip(keys, programs)])
            say(f"proposed {cycle}")
            for key in keys:
                archive.add_outcome(key, Trial(None, 0), Outcome(Stage.SCORE, scores=Scores({"accuracy": 0.5}, 10)))
                say(f"outcome {cycle} {key.index}")
            archive.close_cycle(CycleRow(cycle, 0.4), {key: Admission(AdmissionReason.ADMITTED) for key in keys})
            say(f"closed {cycle}")
"""


def check(study: Path, acknowledged: list[list[str]]) -> None:
    with Archive.open(study, read_only=True) as archive:
        by_cycle: dict[int, list[Record]] = {}
        for record in archive.records():
            by_cycle.setdefault(record.candidate.key.cycle, []).append(record)
        closed = {row.cycle for row in archive.cycles()}
    for records in by_cycle.values():
        assert len(records) == BATCH, "half a batch"
    for cycle, records in by_cycle.items():
        assert all((record.admission is not None) == (cycle in closed) for record in records), "half a cycle"
    for line in acknowledged:
        match line:
            case ["proposed", cycle]:
                assert int(cycle) in by_cycle
            case ["outcome", cycle, index]:
                assert by_cycle[int(cycle)][int(index)].outcome is not None
            case ["closed", cycle]:
                assert int(cycle) in closed


def run_and_kill(server: "subprocess.Popen[str]", study: Path, first_line: str, after_s: float) -> list[list[str]]:
    """Return what the work on `study` acknowledged before it was killed, `after_s` after its first line."""
    assert server.stdin is not None
    assert server.stdout is not None
    server.stdin.write(f"{study}\n")
    server.stdin.flush()
    lines: list[str] = []
    while not (first_line in lines and any(line.startswith("started") for line in lines)):
        lines.append(server.stdout.readline().strip())
        assert lines[-1] != "", lines
    time.sleep(after_s)
    with suppress(ProcessLookupError):  # it can have ended by itself
        os.kill(next(int(line.split()[1]) for line in lines if line.startswith("started")), signal.SIGKILL)
    while lines[-1] != "ended":
        lines.append(server.stdout.readline().strip())
    return [line.split() for line in lines]


def test_a_killed_study_has_all_it_acknowledged_and_nothing_by_halves(
    tmp_path: Path, archive_url: str | None, run_python: RunPython
) -> None:
    random_ = random.Random(15)
    study = tmp_path / "study"
    Archive.create(study, {}, url=archive_url).close()
    server = run_python(WRITE + FORK)
    acknowledged: list[list[str]] = []
    for _ in range(KILLS if archive_url is None else KILLS // 3):
        acknowledged += run_and_kill(server, study, "open", random_.uniform(0.0, 0.25))
        check(study, acknowledged)
    assert {"proposed", "outcome", "closed"} <= {line[0] for line in acknowledged}
    Archive.open(study).close()
    if archive_url is None:
        check_file(study)


def check_file(study: Path) -> None:
    with closing(sqlite3.connect(study / "study.db")) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)


CREATE = """
def work(study):
    say("creating")
    Archive.create(study, {"seed": 1}).close()
"""


def test_a_study_killed_while_it_is_created_is_there_whole_or_can_be_created_again(
    tmp_path: Path, run_python: RunPython
) -> None:
    server = run_python(CREATE + FORK)
    for number in range(6):
        study = tmp_path / str(number)
        run_and_kill(server, study, "creating", 0.04 * number)
        if not (study / "study.db").exists():
            Archive.create(study, {"seed": 1}).close()
        with Archive.open(study) as archive:
            assert archive.config == {"seed": 1}


def test_what_a_killed_study_left_in_its_log_is_read_without_touching_it(
    tmp_path: Path, run_python: RunPython, photograph: Callable[[Path], dict[str, object]]
) -> None:
    study = tmp_path / "study"
    Archive.create(study, {}).close()
    run_and_kill(run_python(WRITE + FORK), study, "outcome 2 3", 0.0)
    before = photograph(study)
    assert "study.db-wal" in before
    with Archive.open(study, read_only=True) as archive:
        assert len(archive.records()) >= 2 * BATCH
    assert photograph(study) == before
