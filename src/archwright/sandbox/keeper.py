"""The keeper of one box: trusted code between the warm process and the candidate.

It forks the box, keeps the wall clock and the memory limit from outside, kills the whole process tree at the end
(daemons included: it is their subreaper), empties the scratch folder and reports. It never runs candidate code and
believes nothing a box says. When its supervisor goes away it kills the tree and leaves.
"""

import contextlib
import json
import os
import select
import shutil
import signal
import socket
import tempfile
import time
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from archwright.sandbox import kernel, namespaces
from archwright.sandbox.order import End, Limits

FIRST_LOOK_S = 0.005
LONGEST_LOOK_S = 0.05
"""Memory is looked at more and more seldom, down to this interval: growth is fastest at the start."""
NAMESPACE_LEVEL = 3
REAP_S = 5.0
"""How long to wait for killed processes to vanish."""


@dataclass
class _Watch:
    """What the keeper knows of the running box."""

    pid: int
    started_s: float
    cpu_s: float = 0.0
    memory_bytes: int = 0
    log: bytearray = field(default_factory=bytearray)
    status: int | None = None


def keep(
    channel: socket.socket, limits: Limits, root: str, shared_bytes: int, run_box: Callable[[int, str], None]
) -> None:
    """Fork a box that calls `run_box(log_fd, scratch_folder)`, watch it to its end and report it on `channel`.

    The scratch folder is made inside `root`. `shared_bytes` of shared memory (the data the box was given) do not count
    against the memory limit.
    """
    kernel.prctl(kernel.PR_SET_CHILD_SUBREAPER, 1)
    scratch = tempfile.mkdtemp(dir=root)
    own_bytes = _usage_of(os.getpid()).private_bytes
    if limits.isolation >= NAMESPACE_LEVEL:
        namespaces.enter()
    log_read, log_write = os.pipe()
    started_s = time.monotonic()
    pid = os.fork()
    if pid == 0:
        try:
            channel.close()
            os.close(log_read)
            kernel.prctl(kernel.PR_SET_PDEATHSIG, signal.SIGKILL)
            run_box(log_write, scratch)
        except BaseException:  # noqa: BLE001 - the outermost place of the forked process: the log says what broke
            os.write(2, traceback.format_exc().encode())
        finally:
            os._exit(70)
    os.close(log_write)
    os.set_blocking(log_read, False)
    watch = _Watch(pid, started_s)
    try:
        end = _watch(watch, channel, log_read, limits, own_bytes, shared_bytes)
    finally:
        _kill_children(watch)
        _read_log(log_read, watch.log, limits.log_bytes)
        remove_folder(scratch)
    status = watch.status or 0
    if end is End.EXITED and os.WIFSIGNALED(status):
        end = End.SIGNALLED
    report: Mapping[str, object] = {
        "end": end,
        "exit_code": os.WEXITSTATUS(status) if os.WIFEXITED(status) else 0,
        "signal": os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0,
        "cpu_s": watch.cpu_s,
        "memory_mb": watch.memory_bytes / 2**20,
    }
    with contextlib.suppress(OSError):  # the supervisor left; there is nobody to tell
        channel.sendall(json.dumps(report).encode() + b"\n" + bytes(watch.log))


def _watch(watch: _Watch, channel: socket.socket, log: int, limits: Limits, own_bytes: int, shared_bytes: int) -> End:
    """Return how the box ended, or why it has to be killed now."""
    poller = select.poll()
    poller.register(channel, select.POLLIN | select.POLLHUP)
    poller.register(log, select.POLLIN)
    if hasattr(os, "pidfd_open"):
        poller.register(os.pidfd_open(watch.pid), select.POLLIN)  # wakes us at once when the box ends
    look_s = FIRST_LOOK_S
    deadline_s = watch.started_s + limits.wall_s
    while True:
        left_s = deadline_s - time.monotonic()
        if left_s <= 0:
            return End.WALL
        ready = {number for number, _ in poller.poll(min(look_s, left_s) * 1000)}
        if channel.fileno() in ready:
            return End.LOST
        if log in ready and not _read_log(log, watch.log, limits.log_bytes):
            poller.unregister(log)  # every writer closed it
        if _reap(watch):
            return End.EXITED
        used = [_usage_of(pid) for pid in _descendants(os.getpid())]
        used_bytes = sum(
            max(0, one.private_bytes - own_bytes) + max(0, one.shared_bytes - shared_bytes) for one in used
        )
        watch.memory_bytes = max(watch.memory_bytes, used_bytes)
        if used_bytes > limits.memory_mb * 2**20:
            return End.MEMORY
        if sum(one.threads for one in used) > limits.threads:
            return End.TASKS
        look_s = min(look_s * 1.5, LONGEST_LOOK_S)


def _read_log(log: int, kept: bytearray, log_bytes: int) -> bool:
    """Keep the first `log_bytes` and throw the rest away; False once nothing more can come."""
    for _ in range(64):  # a flood must not keep us from the clock
        try:
            chunk = os.read(log, 65_536)
        except BlockingIOError:
            return True
        if not chunk:
            return False
        kept += chunk[: max(0, log_bytes - len(kept))]
    return True


def _reap(watch: _Watch) -> bool:
    """Collect every ended child; True when the box itself is among those ended so far."""
    while True:
        try:
            pid, status, usage = os.wait4(-1, os.WNOHANG)
        except ChildProcessError:
            return True
        if pid == 0:
            return watch.status is not None
        watch.cpu_s += usage.ru_utime + usage.ru_stime
        if pid == watch.pid:
            watch.status = status


def _kill_children(watch: _Watch) -> None:
    """Kill until no descendant is left: children of a killed process become ours and are next."""
    if watch.status is None:  # not yet collected, so that its ids are still its own
        for kill in (os.killpg, os.kill):  # the group in one stroke, then the box that has not made its group yet
            with contextlib.suppress(ProcessLookupError):
                kill(watch.pid, signal.SIGKILL)
    deadline_s = time.monotonic() + REAP_S
    while time.monotonic() < deadline_s:
        children = _children(os.getpid())
        if not children:
            _reap(watch)
            return
        for pid in children:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        _reap(watch)
        time.sleep(0.001)


def _descendants(pid: int) -> list[int]:
    found, queue = [], _children(pid)
    while queue:
        child = queue.pop()
        found.append(child)
        queue += _children(child)
    return found


def _children(pid: int) -> list[int]:
    children: list[int] = []
    try:
        for task in Path(f"/proc/{pid}/task").iterdir():
            children += [int(word) for word in (task / "children").read_text("ascii").split()]
    except (FileNotFoundError, ProcessLookupError, NotADirectoryError):
        return children  # it ended while we looked
    return children


@dataclass(frozen=True, slots=True)
class _Usage:
    """What one process has now."""

    private_bytes: int = 0
    shared_bytes: int = 0
    """Resident memory, both."""
    threads: int = 0


def _usage_of(pid: int) -> _Usage:
    """Return what a process uses; nothing when it has ended."""
    values = {"RssAnon": 0, "RssShmem": 0, "Threads": 0}
    try:
        for line in Path(f"/proc/{pid}/status").read_text("utf-8", "replace").splitlines():
            name, _, value = line.partition(":")
            if name in values:
                values[name] = int(value.split()[0])
    except (FileNotFoundError, ProcessLookupError):
        return _Usage()
    return _Usage(values["RssAnon"] * 1024, values["RssShmem"] * 1024, values["Threads"])


def remove_folder(folder: str) -> None:
    """Remove a folder in which a candidate may have taken rights away; what cannot be removed is left."""
    with contextlib.suppress(RecursionError):  # folders nested beyond all reason
        for parent, names, _ in os.walk(folder):
            for path in (Path(parent, name) for name in names):
                with contextlib.suppress(OSError):
                    if not path.is_symlink():  # or we would change what it points to
                        path.chmod(0o700)  # before the walk enters it
        shutil.rmtree(folder, ignore_errors=True)
