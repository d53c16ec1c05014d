"""What a kill and a power cut leave of work on a folder: doubles for the tests of whatever goes on after one."""

import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Engine, event

_CHANGES = {"os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.truncate"}
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC


def is_killed(work: Callable[[], object], step: int) -> bool:
    """Do `work` in a fork that kills itself before its `step`-th change of a disk; return whether it came to that.

    Changes are files opened for writing, renamed, truncated and removed, folders made and removed, and commits.
    """
    child = os.fork()
    if child == 0:
        left = step

        def count(name: str, arguments: tuple[object, ...]) -> None:
            nonlocal left
            is_opened = name == "open" and isinstance(arguments[2], int) and arguments[2] & _WRITING
            if is_opened or name in _CHANGES or name == "commit":
                left -= 1
                if left == 0:
                    os.kill(os.getpid(), signal.SIGKILL)

        status = 1
        try:
            sys.addaudithook(count)
            event.listen(Engine, "commit", lambda connection: count("commit", ()))
            work()
            status = 0
        finally:
            os._exit(status)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == 0, f"step {step}"
    return os.WIFSIGNALED(status)


@contextmanager
def nothing_named_before_it_is_on_disk(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Path]]:
    """Fail where a file is renamed, or a folder with it, that a power cut could leave empty; give the new names."""
    synced: dict[int, tuple[int, int]] = {}
    named: list[Path] = []
    fsync, replace = os.fsync, os.replace

    def state(status: os.stat_result) -> tuple[int, int]:
        return status.st_mtime_ns, status.st_size

    def note(descriptor: int) -> None:
        fsync(descriptor)
        status = os.fstat(descriptor)
        synced[status.st_ino] = state(status)

    def check(source: str | Path, target: str | Path) -> None:
        for path in filter(Path.is_file, (Path(source), *Path(source).rglob("*"))):
            status = path.stat()
            assert everything or synced.get(status.st_ino) == state(status), f"{path} becomes {target}"
        replace(source, target)
        named.append(Path(target))

    def note_everything() -> None:
        nonlocal everything
        everything = True

    everything = False
    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", note)
        patch.setattr(os, "sync", note_everything)
        patch.setattr(os, "replace", check)
        patch.setattr(os, "rename", check)
        yield named
