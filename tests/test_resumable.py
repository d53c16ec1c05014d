import errno
import os
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.killed import nothing_named_before_it_is_on_disk

from archwright.errors import StudyBusyError, UsageError
from archwright.resumable import (
    FolderLock,
    publish,
    replace_json,
    replacing,
    require_empty,
    scratch_beside,
    training_alone,
)

RunPython = Callable[..., "subprocess.Popen[str]"]


def test_a_lock_is_held_by_one_and_names_the_holder(tmp_path: Path) -> None:
    first = FolderLock(tmp_path / "study.lock")
    first.sign()
    with pytest.raises(StudyBusyError, match=f"process {os.getpid()} is running the study {tmp_path}"):
        FolderLock(tmp_path / "study.lock")
    first.release()
    first.release()
    FolderLock(tmp_path / "study.lock").release()


@pytest.mark.parametrize("content", ["", "not a number\n", "999999999\n"])
def test_a_holder_that_did_not_sign_is_not_named(tmp_path: Path, content: str) -> None:
    (tmp_path / "study.lock").write_text(content)
    lock = FolderLock(tmp_path / "study.lock")
    with pytest.raises(StudyBusyError, match="another process is running"):
        FolderLock(tmp_path / "study.lock")
    lock.release()


def test_taking_a_lock_leaves_the_file_as_it_was(tmp_path: Path) -> None:
    (tmp_path / "study.lock").write_text("12\n")
    before = (tmp_path / "study.lock").stat()
    FolderLock(tmp_path / "study.lock").release()
    after = (tmp_path / "study.lock").stat()
    assert (after.st_mtime_ns, after.st_size) == (before.st_mtime_ns, before.st_size)


FORK = """
import os, pathlib, sys, time
from archwright.resumable import FolderLock, replace_json, replacing, require_empty, training_alone
lock = FolderLock(pathlib.Path(sys.argv[1]))
if os.fork() == 0:
    print(os.getpid(), flush=True)
    time.sleep(60)
    os._exit(0)
time.sleep(60)
"""


def test_a_lock_ends_with_its_process_even_when_a_forked_worker_lives_on(tmp_path: Path, run_python: RunPython) -> None:
    holder = run_python(FORK, tmp_path / "study.lock")
    assert holder.stdout is not None
    worker = int(holder.stdout.readline())
    try:
        with pytest.raises(StudyBusyError):
            FolderLock(tmp_path / "study.lock")
        holder.kill()
        holder.wait()
        os.kill(worker, 0)
        FolderLock(tmp_path / "study.lock").release()
    finally:
        os.kill(worker, signal.SIGKILL)


DYING = """
import fcntl, os, sys, time
file = os.open(sys.argv[1], os.O_RDWR | os.O_CREAT)
fcntl.flock(file, fcntl.LOCK_EX)
os.write(file, sys.argv[2].encode() or str(os.getpid()).encode())
if os.fork() == 0:  # as one that was about to start a program
    time.sleep(0.3)
    os._exit(0)
"""


@pytest.mark.parametrize("signature", ["", "not a number", "999999999"])
def test_a_lock_that_a_killed_run_left_to_a_child_for_an_instant_is_waited_for(
    tmp_path: Path, run_python: RunPython, signature: str
) -> None:
    assert run_python(DYING, tmp_path / "study.lock", signature).wait() == 0
    FolderLock(tmp_path / "study.lock").release()


def test_a_file_is_replaced_whole_or_not_at_all(tmp_path: Path) -> None:
    replace_json(tmp_path / "a.json", {"a": 1})

    def fail() -> None:
        with replacing(tmp_path / "a.json") as scratch:
            scratch.write_text("half")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert (tmp_path / "a.json").read_text() == '{\n "a": 1\n}\n'
    assert [path.name for path in tmp_path.iterdir()] == ["a.json"]


def test_one_process_trains_in_a_folder_and_a_new_run_needs_an_empty_one(tmp_path: Path) -> None:
    require_empty(tmp_path / "new")
    again = training_alone(tmp_path)
    with training_alone(tmp_path), pytest.raises(StudyBusyError, match=f"is training in {tmp_path}"):
        again.__enter__()
    (tmp_path / "weights").touch()
    with pytest.raises(UsageError, match="already something in"):
        require_empty(tmp_path)


def test_what_killed_processes_left_is_removed_and_what_others_write_is_not(tmp_path: Path) -> None:
    (tmp_path / ".a.json.999999999").write_text("of a process that is gone")
    (tmp_path / ".a.json.99999999999999999999").write_text("of nobody")
    (tmp_path / f".a.json.{os.getppid()}").write_text("of one that runs")
    replace_json(tmp_path / "a.json", {})
    assert {path.name for path in tmp_path.iterdir()} == {"a.json", f".a.json.{os.getppid()}"}

    (tmp_path / ".folder.part-gone").mkdir()
    with scratch_beside(tmp_path / "folder") as first, scratch_beside(tmp_path / "folder") as second:
        assert not (tmp_path / ".folder.part-gone").exists()
        assert first.is_dir() and second.is_dir() and first != second  # noqa: PT018
    assert not list(tmp_path.glob(".folder*"))


def test_hidden_files_of_a_beginning_that_was_killed_do_not_fill_a_folder(tmp_path: Path) -> None:
    (tmp_path / ".training.part-gone").mkdir()
    require_empty(tmp_path)


def test_files_and_folders_are_on_disk_before_they_take_their_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with nothing_named_before_it_is_on_disk(monkeypatch) as named:
        replace_json(tmp_path / "a.json", {"a": 1})
        with scratch_beside(tmp_path / "folder") as scratch:
            (scratch / "new" / "below").mkdir(parents=True)
            (scratch / "new" / "below" / "file").write_text("text")
            publish(scratch / "new", tmp_path / "folder")
    assert named == [tmp_path / "a.json", tmp_path / "folder"]


def test_a_folder_that_its_file_system_cannot_sync_is_no_failure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(descriptor: int) -> None:
        raise OSError(errno.EINVAL, os.strerror(errno.EINVAL))

    monkeypatch.setattr(os, "fsync", refuse)
    replace_json(tmp_path / "a.json", {"a": 1})
    assert (tmp_path / "a.json").exists()


def test_a_disk_that_fails_to_sync_keeps_what_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    replace_json(tmp_path / "a.json", {"a": 1})

    def fail(descriptor: int) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(OSError, match=r"a\.json"):
        replace_json(tmp_path / "a.json", {"a": 2})
    assert [path.name for path in tmp_path.iterdir()] == ["a.json"]
    assert '"a": 1' in (tmp_path / "a.json").read_text()
