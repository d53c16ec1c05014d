"""The keeper of one box: trusted code between the warm process and the candidate.

It forks the box, which confines itself, and waits with it for an order; until one comes both end with the warm process.
From then on it keeps the wall clock and the memory limit from outside, kills the whole process tree at the end
(daemons included: it is their subreaper), empties the scratch folder and reports. It never runs candidate code and
believes nothing a box says. When its supervisor goes away it kills the tree and leaves.
"""

import contextlib
import fcntl
import json
import os
import select
import signal
import socket
import stat
import tempfile
import time
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from archwright.sandbox import kernel, namespaces
from archwright.sandbox.groups import Group
from archwright.sandbox.handover import Handover, receive
from archwright.sandbox.layers import threads_of_user
from archwright.sandbox.order import End, Limits
from archwright.sandbox.scratch import BLOCK_BYTES, MOST_BYTES, is_full, remove_folder

FIRST_LOOK_S = 0.005
LONGEST_LOOK_S = 0.05
"""Memory is looked at more and more seldom, down to this interval: growth is fastest at the start."""
NAMESPACE_LEVEL = 3
MOST_WRITTEN_BYTES = 8 * MOST_BYTES
"""On a disk, by a box: what it writes into files that it has removed is in no folder."""
REAP_S = 5.0
"""How long to wait for killed processes to vanish."""


RunBox = Callable[[socket.socket, int, str], None]
"""Is the box: called in its process with (orders, log, scratch folder), never returns."""


@dataclass
class _Watch:
    """What the keeper knows of the running box."""

    pid: int
    scratch: str
    started_s: float = 0.0
    """When it got its order."""
    cpu_s: float = 0.0
    memory_bytes: int = 0
    shared_bytes: int = 0
    """Data the box was given, which do not count."""
    writable: Sequence[int] = ()
    """Our own descriptors of the files it was given to write to, whose pages nobody needs to have mapped."""
    group: Group | None = None
    """In which the kernel limits its memory, where it can."""
    log: bytearray = field(default_factory=bytearray)
    status: int | None = None


def keep(orders: socket.socket, prepared: Limits, root: str, run_box: RunBox) -> None:
    """Fork a box that makes itself ready for an order with limits such as `prepared`, hand it one and watch it.

    How it ended is reported on the channel that comes with the order. When none of `orders` comes any more, the box is
    not needed. Its scratch folder is made inside `root`.
    """
    kernel.prctl(kernel.PR_SET_CHILD_SUBREAPER, 1)
    scratch = tempfile.mkdtemp(dir=root)
    own_bytes = _usage_of(os.getpid()).private_bytes
    if prepared.isolation >= NAMESPACE_LEVEL:
        namespaces.enter()
    kernel.prctl(kernel.PR_SET_PDEATHSIG, signal.SIGKILL)  # nobody needs us when the warm process has died
    hand, log, watch = _fork_box(run_box, scratch)
    order, words = None, b""
    try:
        order = receive(orders)
        if order is not None:
            kernel.prctl(kernel.PR_SET_PDEATHSIG, 0)
            watch.started_s = time.monotonic()
            words = _carry_out(order, hand, log, watch, own_bytes)
    finally:
        _kill_children(watch)
        if watch.group is not None:
            watch.group.remove()
        if order is not None:
            with socket.socket(fileno=order.channel) as channel, contextlib.suppress(OSError):
                channel.sendall(words)  # in vain when the supervisor left
        remove_folder(scratch)  # last: it takes long where a program has made a million files


def _fork_box(run_box: RunBox, scratch: str) -> tuple[socket.socket, int, _Watch]:
    """Return the socket on which the box waits for its order, its log, and what is known of it."""
    log_read, log_write = os.pipe()
    ours, theirs = socket.socketpair()
    pid = os.fork()
    if pid == 0:
        try:
            kernel.prctl(kernel.PR_SET_PDEATHSIG, signal.SIGKILL)
            run_box(theirs, log_write, scratch)
        except BaseException:  # noqa: BLE001 - the outermost place of the forked process: the log says what broke
            os.write(2, traceback.format_exc().encode())
        finally:
            os._exit(70)
    os.close(log_write)
    theirs.close()
    os.set_blocking(log_read, False)
    group = Group.make()
    if group is not None:
        try:
            group.add(pid)
        except OSError:
            group.remove()
            group = None
    return ours, log_read, _Watch(pid, scratch, group=group)


def _carry_out(order: Handover, hand: socket.socket, log: int, watch: _Watch, own_bytes: int) -> bytes:
    """Hand `order` to the box, watch it to its end and kill what it leaves; return the report.

    The data it was given do not count against its memory limit; what it writes into files does.
    """
    limits = order.limits
    writable = [number for number in order.named.values() if _is_writable(number)]
    data = set(order.named.values()).difference(writable)
    watch.shared_bytes = sum(os.fstat(number).st_size for number in data)
    watch.writable = [os.dup(number) for number in writable]
    box_order = order.for_box(limits.threads + threads_of_user())
    if watch.group is not None:
        with contextlib.suppress(OSError):  # then the watch alone holds
            watch.group.limit(limits.memory_mb * 2**20 + watch.shared_bytes, limits.threads)
    try:
        box_order.send(hand)
    except OSError:
        return b""  # it died while it waited: the supervisor sees that the order is lost, and gives it again
    finally:
        box_order.close()
    try:
        end = _watch(watch, order.channel, log, limits, own_bytes)
    finally:
        _kill_children(watch)
        _read_log(log, watch.log, limits.log_bytes)
        for number in watch.writable:
            os.close(number)
    status = watch.status or 0
    if end is End.EXITED and os.WIFSIGNALED(status):
        has_run_out = watch.group is not None and watch.group.has_run_out()
        end = End.MEMORY if has_run_out else End.SIGNALLED
    report: Mapping[str, object] = {
        "end": end,
        "exit_code": os.WEXITSTATUS(status) if os.WIFEXITED(status) else 0,
        "signal": os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0,
        "cpu_s": watch.cpu_s,
        "memory_mb": watch.memory_bytes / 2**20,
    }
    return json.dumps(report).encode() + b"\n" + bytes(watch.log)


def _watch(watch: _Watch, channel: int, log: int, limits: Limits, own_bytes: int) -> End:
    """Return how the box ended, or why it has to be killed now."""
    poller = select.poll()
    poller.register(channel, select.POLLIN | select.POLLHUP)
    poller.register(log, select.POLLIN)
    with contextlib.suppress(AttributeError, OSError):  # Linux before 5.3, gVisor: its end is seen at the next look
        poller.register(os.pidfd_open(watch.pid), select.POLLIN)
    look_s = FIRST_LOOK_S
    deadline_s = watch.started_s + limits.wall_s
    while True:
        left_s = deadline_s - time.monotonic()
        if left_s <= 0:
            return End.WALL
        ready = {number for number, _ in poller.poll(min(look_s, left_s) * 1000)}
        if channel in ready:
            return End.LOST
        if log in ready and not _read_log(log, watch.log, limits.log_bytes):
            poller.unregister(log)  # every writer closed it
        if _reap(watch):
            return End.EXITED
        used = [_usage_of(pid) for pid in _descendants(os.getpid())]
        written_bytes = sum(os.fstat(number).st_blocks * BLOCK_BYTES for number in watch.writable)
        free_bytes = watch.shared_bytes + written_bytes  # in whichever process those pages are mapped
        used_bytes = written_bytes + sum(
            max(0, one.private_bytes - own_bytes) + max(0, one.shared_bytes - free_bytes) for one in used
        )
        watch.memory_bytes = max(watch.memory_bytes, used_bytes)
        if used_bytes > limits.memory_mb * 2**20:
            return End.MEMORY
        if sum(one.threads for one in used) > limits.threads:
            return End.TASKS
        if sum(one.written_bytes for one in used) > MOST_WRITTEN_BYTES or is_full(watch.scratch):
            return End.DISK  # where the kernel bounds the folder, nothing is in it for us
        look_s = min(look_s * 1.5, LONGEST_LOOK_S)


def _is_writable(number: int) -> bool:
    """Return whether a descriptor is of a file, and not only to be read."""
    is_file = stat.S_ISREG(os.fstat(number).st_mode)
    return is_file and fcntl.fcntl(number, fcntl.F_GETFL) & os.O_ACCMODE != os.O_RDONLY


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
    """Resident memory and the page tables for it, which the kernel spends on any address that is touched."""
    shared_bytes: int = 0
    """Resident memory."""
    threads: int = 0
    written_bytes: int = 0
    """On disks, so far; what goes into pipes and files of memory does not count."""


def _usage_of(pid: int) -> _Usage:
    """Return what a process uses; nothing when it has ended."""
    values = {"RssAnon": 0, "RssShmem": 0, "VmPTE": 0, "Threads": 0}
    try:
        for line in Path(f"/proc/{pid}/status").read_text("utf-8", "replace").splitlines():
            name, _, value = line.partition(":")
            if name in values:
                values[name] = int(value.split()[0])
    except (FileNotFoundError, ProcessLookupError):
        return _Usage()
    private_kb = values["RssAnon"] + values["VmPTE"]
    return _Usage(private_kb * 1024, values["RssShmem"] * 1024, values["Threads"], _written_by(pid))


def _written_by(pid: int) -> int:
    """Return the bytes that a process had written to disks; 0 where the kernel does not tell."""
    try:
        lines = Path(f"/proc/{pid}/io").read_text("ascii").splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("write_bytes:")), 0)
