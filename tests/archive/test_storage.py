import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from archwright.archive import Archive
from archwright.archive.storage import faults_named
from archwright.candidate import Record
from archwright.errors import StorageError

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
    assert "free some space, then resume" in first
    assert is_all_there == "True"
    assert "no space left" in second


AS_NOBODY = """
import os, pathlib, sys
from archwright.archive import Archive
from archwright.errors import StorageError
folder = pathlib.Path(sys.argv[1])
Archive.open(folder).close()  # imports everything while all of it can be read
folder.chmod(0o555)
for path in folder.iterdir():
    path.chmod(0o444)
if os.geteuid() == 0:
    os.seteuid(65534)
for attempt in (lambda: Archive.open(folder), lambda: Archive.create(folder / "inner", {})):
    try:
        attempt()
    except StorageError as error:
        print(error)
with Archive.open(folder, read_only=True) as archive:
    print(len(archive.records()))
"""


@pytest.fixture
def public_folder() -> Iterator[Path]:
    """A folder that another user can reach, unlike those of pytest."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        yield folder
        for path in (folder, *folder.iterdir()):
            path.chmod(0o755)


def test_a_read_only_folder_is_named_and_can_still_be_read(
    study: Path, records: list[Record], public_folder: Path, run_python: RunPython
) -> None:
    shutil.copytree(study, public_folder / "study")
    output, _ = run_python(AS_NOBODY, public_folder / "study").communicate()
    opened, created, count = output.splitlines()
    assert "Permission denied" in opened
    assert "make the folder readable and writable, or choose another --run" in opened
    assert "Permission denied" in created
    assert int(count) == len(records)


def test_an_unknown_fault_of_the_disk_keeps_its_words() -> None:
    with pytest.raises(StorageError, match="study: Input/output error"), faults_named("study"):
        raise OSError(5, "Input/output error")
