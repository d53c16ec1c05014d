"""Which protections this machine really has: each is found by trying, in a box, what it should prevent.

Nothing is concluded from version numbers or settings. An attempt that succeeds is a missing protection.
"""

import os
import socket
import subprocess
import time
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from archwright.sandbox.box import Tell
from archwright.sandbox.client import OWN_VARIABLES
from archwright.sandbox.files import blank
from archwright.sandbox.order import End, Limits, Order, Report
from archwright.sandbox.supervisor import Sandbox

ENTRY = "archwright.sandbox.doctor:attempt"
LIMITS = Limits(wall_s=1.0, memory_mb=128, log_bytes=4_096)
CONTAINER = "run studies of models you do not trust in a container or a virtual machine without secrets"

NAMESPACES = "allow unprivileged user namespaces (sysctl user.max_user_namespaces), or use a container of your own"


@dataclass(frozen=True, slots=True)
class Probe:
    """One protection, tried."""

    name: str
    is_ok: bool
    detail: str
    remedy: str
    """What to do where it is missing."""
    level: int = 0
    """The isolation level it belongs to."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """Something a box should not manage to do."""

    name: str
    level: int
    act: Callable[[Mapping[str, int]], None]
    """Does it; raises OSError or MemoryError when it is prevented."""
    remedy: str


def probe() -> list[Probe]:
    """Return what each attempt came to; takes a few seconds."""
    with closing(Sandbox(ENTRY)) as boxes:
        return [_try(boxes, attempt) for attempt in ATTEMPTS]


def isolation_level(probes: list[Probe]) -> int:
    """Return the highest level of which, and of everything below, every protection holds."""
    missing = [found.level for found in probes if not found.is_ok]
    return min(missing, default=1 + max(found.level for found in probes)) - 1


@cache
def require_isolation(required: int, most: int = 3) -> None:
    """Raise EvaluatorError unless a box reaches the isolation level `required` here; takes a fraction of a second.

    Protections above the level `most` are left out.
    """
    with closing(Sandbox("archwright.sandbox.doctor:do_nothing")) as boxes:
        boxes.run(Order(b"", {}, replace(LIMITS, wall_s=60.0, isolation=most, require=required)))


def do_nothing(payload: bytes, files: Mapping[str, int], tell: Tell) -> None:
    """Be a box that is only looked at for its isolation."""


def attempt(payload: bytes, files: Mapping[str, int], tell: Tell) -> None:
    """Make one attempt inside a box and tell whether it succeeded."""
    (chosen,) = (known for known in ATTEMPTS if known.name == payload.decode())
    try:
        chosen.act(files)
    except (OSError, MemoryError) as error:
        tell({"prevented": f"{type(error).__name__}: {error}"})
    else:
        tell({"succeeded": True})


def _try(boxes: Sandbox, tried: Attempt) -> Probe:
    mark = blank(8)
    try:
        report = boxes.run(Order(tried.name.encode(), {"mark": mark}, LIMITS))
        if not report.messages:
            words = report.log.decode("utf-8", "replace").strip().splitlines()
            why = f"no box could be started: {words[-1] if words else report.end}"
            return Probe(tried.name, False, why, tried.remedy, tried.level)
        detail = _prevention(report, mark)
    finally:
        os.close(mark)
    if detail is None:
        return Probe(tried.name, False, "tried and not prevented", tried.remedy, tried.level)
    return Probe(tried.name, True, f"tried and prevented ({detail})", tried.remedy, tried.level)


def _prevention(report: Report, mark: int) -> str | None:
    """Return what stopped the attempt, or None when nothing did."""
    if report.end in (End.WALL, End.MEMORY):
        return f"killed at the {report.end} limit"
    if any("succeeded" in message.content for message in report.messages):
        before = os.pread(mark, 8, 0)
        time.sleep(0.1)
        return "killed with its box" if before != bytes(8) and os.pread(mark, 8, 0) == before else None
    said = [str(message.content["prevented"]) for message in report.messages if "prevented" in message.content]
    return said[0][:100] if said else f"the box ended: {report.end}"


def _run_forever(files: Mapping[str, int]) -> None:
    while True:
        pass


def _take_memory(files: Mapping[str, int]) -> None:
    bytearray(2**30)


def _leave_a_daemon(files: Mapping[str, int]) -> None:
    """Start a process in a session of its own that goes on writing to the mark."""
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            while True:
                os.pwrite(files["mark"], time.monotonic_ns().to_bytes(8, "little"), 0)
        os._exit(0)
    time.sleep(0.2)


def _read_the_environment(files: Mapping[str, int]) -> None:
    if not os.environ and Path("/proc/self/environ").read_bytes().count(b"=") <= OWN_VARIABLES:
        raise PermissionError("it is empty")


def _read_files(files: Mapping[str, int]) -> None:
    os.listdir(os.path.expanduser("~"))  # noqa: PTH111, PTH208
    Path("/etc/passwd").read_bytes()


def _write_files(files: Mapping[str, int]) -> None:
    path = Path("/tmp") / f"archwright-doctor-{os.getpid()}"
    path.touch()
    path.unlink()


def _open_a_socket(files: Mapping[str, int]) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as server:
        server.bind(("127.0.0.1", 0))


def _run_a_program(files: Mapping[str, int]) -> None:
    subprocess.run(["/bin/true"], check=True)


def _signal_other_processes(files: Mapping[str, int]) -> None:
    os.kill(-1, 0)  # asks whether any process at all could be signalled; sends nothing


def _learn_of_other_processes(files: Mapping[str, int]) -> None:
    if os.getpid() == 1:
        raise PermissionError("it is the first process of its own world")


def _fill_the_disk(files: Mapping[str, int]) -> None:
    block = bytes(2**20)
    for number in range(4):
        with Path(f"file-{number}").open("wb", buffering=0) as file:
            for _ in range(16):
                file.write(block)


ATTEMPTS: tuple[Attempt, ...] = (
    Attempt("run longer than the wall clock", 1, _run_forever, "this system cannot hold candidates; use Linux"),
    Attempt("take more memory than allowed", 1, _take_memory, "this system cannot hold candidates; use Linux"),
    Attempt("leave a process behind", 1, _leave_a_daemon, "use Linux 3.4 or newer"),
    Attempt("read the environment", 1, _read_the_environment, CONTAINER),
    Attempt("read the files of the user", 2, _read_files, CONTAINER),
    Attempt("write outside its folder", 2, _write_files, CONTAINER),
    Attempt("open a network socket", 2, _open_a_socket, CONTAINER),
    Attempt("start another program", 2, _run_a_program, CONTAINER),
    Attempt("signal another process", 2, _signal_other_processes, CONTAINER),
    Attempt("learn of other processes", 3, _learn_of_other_processes, NAMESPACES),
    Attempt("fill the disk", 3, _fill_the_disk, NAMESPACES),
)
