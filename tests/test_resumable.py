import os
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from archwright.errors import StudyBusyError, UsageError
from archwright.resumable import FolderLock, replace_json, replacing, require_empty, training_alone

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
    with pytest.raises(UsageError, match="already something in"):
        require_empty(tmp_path)
