import errno
import shutil
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy.exc import DBAPIError, OperationalError

from archwright.archive import Archive
from archwright.archive.storage import faults_named
from archwright.candidate import Key, Outcome, Record, Stage, Trial
from archwright.errors import StorageError, StudyBusyError, StudyDamagedError

RunPython = Callable[..., "subprocess.Popen[str]"]

FILL_UP = """
import pathlib, resource, sys
from archwright.archive import Archive
from archwright.candidate import *
from archwright.errors import StorageError

def candidate(index):
    return Candidate(Key(5, index), Program(f"# {index} " + "x" * 50_000), "full", seed=0)

with Archive.open(pathlib.Path(sys.argv[1])) as archive:
    resource.setrlimit(resource.RLIMIT_FSIZE, (400_000, resource.RLIM_INFINITY))
    stored = 0
    try:
        while True:
            archive.add_candidates([candidate(stored)])
            stored += 1
    except StorageError as error:
        print(error)
    assert len([each for each in archive.records() if each.candidate.key.cycle == 5]) == stored > 0
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    archive.add_candidates([candidate(stored)])
    print(stored + 1)
"""


def test_a_write_beyond_the_allowed_file_size_is_refused_and_work_goes_on_when_it_fits(
    study: Path, records: list[Record], run_python: RunPython
) -> None:
    output, _ = run_python(FILL_UP, study).communicate()
    message, stored = output.splitlines()
    assert "free space" in message
    with Archive.open(study) as archive:
        assert len(archive.records()) == len(records) + int(stored)


FILL_DISK = """
import pathlib, sys
from archwright.archive import Archive
from archwright.candidate import *
from archwright.errors import StorageError

folder = pathlib.Path(sys.argv[1])
with Archive.create(folder, {}) as archive:
    stored = 0
    try:
        while True:
            program = Program(f"# {stored} " + "x" * 50_000)
            archive.add_candidates([Candidate(Key(1, stored), program, "full", seed=0)])
            stored += 1
    except StorageError as error:
        print(error)
    assert len(archive.records()) == stored > 0
with Archive.open(folder, read_only=True) as archive:
    print(len(archive.records()) == stored)
try:
    Archive.create(folder.with_name("second"), {})
except StorageError as error:
    print(error)
"""


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = shutil.which("mount")
    command = [str(mount), "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(disk)]
    if mount is None or subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("mounting a small disk takes the rights of root")
    yield disk
    subprocess.run(["umount", str(disk)], check=True)


def test_a_full_disk_is_named_and_what_was_stored_is_safe(small_disk: Path, run_python: RunPython) -> None:
    output, _ = run_python(FILL_DISK, small_disk / "study").communicate()
    first, is_all_there, second = output.splitlines()
    assert "no space left" in first
    assert "free some space; what was stored is safe" in first
    assert is_all_there == "True"
    assert "no space left" in second


WITHOUT_PRIVILEGE = """
import ctypes, os, pathlib, struct, sys
from archwright.archive import Archive
from archwright.errors import StorageError
folder = pathlib.Path(sys.argv[1])
folder.chmod(0o555)
for path in folder.iterdir():
    path.chmod(0o444)
if os.geteuid() == 0:  # of root's capabilities only that to read, as its own files may be where nobody else can go
    header, kept = struct.pack("Ii", 0x20080522, 0), struct.pack("6I", 1 << 2, 1 << 2, 0, 0, 0, 0)
    assert ctypes.CDLL(None).capset(header, kept) == 0
for attempt in (lambda: Archive.open(folder), lambda: Archive.create(folder / "inner", {})):
    try:
        attempt()
    except StorageError as error:
        print(error)
with Archive.open(folder, read_only=True) as archive:
    print(len(archive.records()))
"""


def test_a_read_only_folder_is_named_and_can_still_be_read(
    study: Path, records: list[Record], run_python: RunPython
) -> None:
    output, _ = run_python(WITHOUT_PRIVILEGE, study).communicate()
    study.chmod(0o755)
    opened, created, count = output.splitlines()
    assert "Permission denied" in opened
    assert "make the folder readable and writable, or use another: a copy of a study goes on" in opened
    assert "Permission denied" in created
    assert int(count) == len(records)


def test_an_unknown_fault_of_the_disk_keeps_its_words() -> None:
    with pytest.raises(StorageError, match="study: Input/output error"), faults_named("study"):
        raise OSError(5, "Input/output error")


@pytest.mark.parametrize(
    ("name", "error", "words"),
    [
        ("SQLITE_FULL", StorageError, "no space left to write study"),
        ("SQLITE_READONLY_DIRECTORY", StorageError, "cannot be written"),
        ("SQLITE_CANTOPEN", StorageError, "cannot be written"),
        ("SQLITE_IOERR_WRITE", StorageError, "check the disk"),
        ("SQLITE_BUSY", StudyBusyError, "another program keeps the database at study locked"),
        ("SQLITE_CORRUPT_VTAB", StudyDamagedError, "damaged: malformed"),
        ("SQLITE_ERROR", StudyDamagedError, "damaged: malformed"),
    ],
)
def test_a_fault_of_sqlite_is_named(name: str, error: type[Exception], words: str) -> None:
    fault = sqlite3.OperationalError("malformed")
    fault.sqlite_errorname = name
    with pytest.raises(error, match=words), faults_named("study"):
        raise fault
    with pytest.raises(error, match=words), faults_named("study"):
        raise DBAPIError.instance("SELECT 1", {}, fault, sqlite3.Error)


def test_a_server_that_is_gone_is_named() -> None:
    fault = OperationalError("SELECT 1", {}, Exception("connection refused"))
    with pytest.raises(StorageError, match="does not answer: connection refused"), faults_named("study"):
        raise fault


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EFBIG])
def test_a_disk_without_space_is_named(number: int) -> None:
    with pytest.raises(StorageError, match="no space left to write study"), faults_named("study"):
        raise OSError(number, "full")


def test_a_value_of_a_type_the_database_does_not_take_stays_an_error_of_ours(study: Path) -> None:
    with Archive.open(study) as archive, pytest.raises(sqlite3.ProgrammingError, match="not supported"):
        archive.add_outcome(Key(2, 1), Trial(None, object()), Outcome(Stage.BUDGET))  # type: ignore[arg-type]
