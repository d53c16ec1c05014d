"""What a box should not manage to do, as functions that do it; each would succeed if its protection were missing.

They run inside boxes only, see `doctor`.
"""

import contextlib
import ctypes
import mmap
import os
import platform
import resource
import signal
import socket
import stat
import subprocess
import sys
import sysconfig
import tempfile
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from archwright.sandbox import kernel
from archwright.sandbox.client import OWN_VARIABLES
from archwright.sandbox.order import OWN_THREADS
from archwright.sandbox.visible import find_visible

Files = Mapping[str, int]
"""Descriptors by name; `mark` is a memory file of eight bytes."""

LINUX = "this system cannot hold candidates; use Linux"
CONTAINER = "run studies of models you do not trust in a container or a virtual machine without secrets"
NAMESPACES = "allow unprivileged user namespaces (sysctl user.max_user_namespaces), or use a container of your own"
LANDLOCK = "use Linux 5.13 or newer with Landlock, and let the container's seccomp profile allow it; or " + CONTAINER
SECCOMP = "use Linux on x86-64 or arm64, and a container that allows seccomp filters; or " + CONTAINER
NOBODY = 65_534
LABELS = "read data sets that come with packages"


@dataclass(frozen=True, slots=True)
class Attempt:
    """Something a box should not manage to do."""

    name: str
    level: int
    """The isolation level that prevents it."""
    act: Callable[[Files], None]
    """Does it; raises OSError or MemoryError when it is prevented."""
    remedy: str
    wall_s: float = 20.0
    """How long it may take: a slow machine must not pass for a protection."""


def _any_of(*acts: Callable[[], object]) -> Callable[[Files], None]:
    """Return an act that succeeds when any of `acts` does."""

    def act(files: Files) -> None:
        refusals = []
        for one in acts:
            try:
                one()
            except OSError as error:
                refusals.append(error)
            else:
                return
        raise refusals[0]

    return act


def _call(on_x86: int, on_arm: int, *arguments: object) -> Callable[[], object]:
    """Return an act that makes one system call."""
    return lambda: kernel.syscall(on_x86 if platform.machine() == "x86_64" else on_arm, *arguments)


def _run_forever(files: Files) -> None:
    while True:
        pass


def _take_memory(files: Files) -> None:
    bytearray(2**30)


def _fill_page_tables(files: Files) -> None:
    """Touch one address in each page table; what is read is the one page of zeros."""
    addresses = mmap.mmap(-1, 2**38, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | _NO_RESERVE, mmap.PROT_READ)
    for place in range(0, len(addresses), 2**21):
        addresses[place]


def _write_a_large_file(files: Files) -> None:
    with Path("large").open("wb", buffering=0) as file:
        os.pwrite(file.fileno(), b"x", 2**32)


def _open_many_files(files: Files) -> None:
    for _ in range(1_000):
        os.open(os.devnull, os.O_RDONLY)


def _start_many_threads(files: Files) -> None:
    try:
        for _ in range(4 * OWN_THREADS):
            threading.Thread(target=time.sleep, args=(5.0,), daemon=True).start()
    except RuntimeError as error:
        raise OSError(str(error)) from error
    time.sleep(0.5)


def _leave_a_daemon(files: Files) -> None:
    """Start a process in a session of its own that goes on writing to the mark."""
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            while True:
                os.pwrite(files["mark"], time.monotonic_ns().to_bytes(8, "little"), 0)
        os._exit(0)
    time.sleep(0.2)


def _gain_privileges(files: Files) -> None:
    """Start a set-user-id program as an ordinary user and see whose rights it has."""
    names = (Path(folder, name) for name in ("su", "passwd", "chsh") for folder in ("/usr/bin", "/bin"))
    program = next((path for path in names if path.exists() and path.stat().st_mode & stat.S_ISUID), None)
    if program is None:
        raise FileNotFoundError("there is no set-user-id program to try it with")
    never_written, _ = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            if os.getuid() == 0:
                os.setresuid(NOBODY, NOBODY, NOBODY)
            os.dup2(never_written, 0)  # it waits for a password
            os.execv(program, [program.name])
        finally:
            os._exit(1)
    try:
        for _ in range(100):
            time.sleep(0.005)
            status = Path(f"/proc/{pid}/status").read_text("utf-8")
            real, effective = next(line for line in status.splitlines() if line.startswith("Uid:")).split()[1:3]
            if real != "0" and effective == "0":
                return
    finally:
        os.kill(pid, signal.SIGKILL)
    raise PermissionError(f"{program} had no more rights than its user")


def _read_the_environment(files: Files) -> None:
    if not os.environ and Path("/proc/self/environ").read_bytes().count(b"=") <= OWN_VARIABLES:
        raise PermissionError("it is empty")


def _read_labels(files: Files) -> None:
    """Read any data set that comes with a package, where it is imported from or was found to be."""
    packages = [Path(folder, "sklearn") for folder in (*sys.path, sysconfig.get_path("purelib"))]
    packages += find_visible().hidden
    places = [
        place for path in packages for place in (path, path / "__init__.py", path / "datasets/data/digits.csv.gz")
    ]
    read = []
    for place in places:
        with contextlib.suppress(OSError):
            read.append(place.read_bytes())
    if not any(read):
        raise PermissionError("not one of them")


def _create_in(folder: str) -> Callable[[], object]:
    def act() -> None:
        path = Path(folder, f"archwright-doctor-{os.getpid()}")
        path.touch()
        path.unlink()

    return act


def _ignore_permissions(files: Files) -> None:
    os.close(os.open("shut", os.O_CREAT | os.O_WRONLY, 0))
    if os.getuid() != 0:
        Path("/etc/shadow").read_bytes()
    Path("shut").read_bytes()


def _bind_a_port() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as server:
        server.bind(("127.0.0.1", 0))


def _fork() -> None:
    if os.fork() == 0:
        os._exit(0)


def _call_in_machine_code(code: bytes) -> Callable[[], object]:
    def act() -> None:
        if platform.machine() != "x86_64":
            raise OSError("this machine has no such calls")
        page = mmap.mmap(-1, 4096, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS, mmap.PROT_READ | mmap.PROT_WRITE | 4)
        page.write(code)
        result = ctypes.CFUNCTYPE(ctypes.c_long)(ctypes.addressof(ctypes.c_char.from_buffer(page)))()
        if result < 0:
            raise OSError(-result, os.strerror(-result))

    return act


def _share_dev_zero() -> None:
    with Path("/dev/zero").open("r+b") as zero:
        mmap.mmap(zero.fileno(), 4096)


def _learn_of_other_processes(files: Files) -> None:
    if os.getpid() == 1:
        raise PermissionError("it is the first process of its own world")


def _fill_the_disk(files: Files) -> None:
    block = bytes(2**20)
    for number in range(4):
        with Path(f"file-{number}").open("wb", buffering=0) as file:
            for _ in range(16):
                file.write(block)
    time.sleep(0.2)  # where only the keeper looks, it does so now and then


_NEW_USER = 0x10000000
_NO_RESERVE = 0x4000
_TRACE_ME = 0
_GETPID_32 = b"\xb8\x14\x00\x00\x00\xcd\x80\xc3"  # mov eax, 20; int 0x80; ret
_GETPID_X32 = b"\xb8\x27\x00\x00\x40\x0f\x05\x48\x98\xc3"  # mov eax, 0x40000027; syscall; cdqe; ret
_BPF_ARRAY = (ctypes.c_uint32 * 4)(2, 4, 4, 1)  # an array of one: type, size of a key, of a value, and how many

ATTEMPTS: tuple[Attempt, ...] = (
    Attempt("run longer than the wall clock", 1, _run_forever, LINUX, wall_s=1.0),
    Attempt("take more memory than allowed", 1, _take_memory, LINUX),
    Attempt("take memory for page tables", 1, _fill_page_tables, LINUX),
    Attempt("write a file larger than allowed", 1, _write_a_large_file, LINUX),
    Attempt("fill the disk", 1, _fill_the_disk, LINUX),
    Attempt("open more files than allowed", 1, _open_many_files, LINUX),
    Attempt("start hundreds of threads", 1, _start_many_threads, LINUX),
    Attempt("leave a process behind", 1, _leave_a_daemon, "use Linux 3.4 or newer"),
    Attempt("gain privileges from a set-user-id program", 1, _gain_privileges, "use Linux 3.5 or newer"),
    Attempt("read the environment", 1, _read_the_environment, CONTAINER),
    Attempt("ignore the permissions of files", 2, _ignore_permissions, CONTAINER),
    Attempt(
        "read the files of the user",
        2,
        _any_of(lambda: Path("/etc/passwd").read_bytes(), lambda: next(Path.home().iterdir(), None)),
        LANDLOCK,
    ),
    Attempt(LABELS, 2, _read_labels, LANDLOCK),
    Attempt(
        "write outside its folder",
        2,
        _any_of(*map(_create_in, ("/tmp", "/var/tmp", "/dev/shm", tempfile.gettempdir(), sys.prefix))),
        LANDLOCK,
    ),
    Attempt("change the rights of a file", 2, _any_of(lambda: Path().chmod(0o700)), SECCOMP),
    Attempt("open a network socket", 2, _any_of(_bind_a_port, socket.socketpair), SECCOMP),
    Attempt("start a process", 2, _any_of(_fork), SECCOMP),
    Attempt("start another program", 2, _any_of(lambda: subprocess.run(["/bin/true"], check=True)), SECCOMP),
    Attempt(
        "signal another process", 2, _any_of(lambda: os.kill(-1, 0)), SECCOMP
    ),  # sends nothing: asks whether it may
    Attempt(
        "change the limits of another process",
        2,
        _any_of(lambda: resource.prlimit(os.getppid() or 2, resource.RLIMIT_NOFILE)),
        SECCOMP,
    ),
    Attempt("be traced", 2, _any_of(_call(101, 117, _TRACE_ME, 0, 0, 0)), SECCOMP),
    Attempt("read memory across processes", 2, _any_of(_call(310, 270, os.getpid(), 0, 0, 0, 0, 0)), SECCOMP),
    Attempt("use io_uring", 2, _any_of(_call(425, 425, 1, ctypes.byref((ctypes.c_uint64 * 16)()))), SECCOMP),
    Attempt("load a BPF map", 2, _any_of(_call(321, 280, 0, ctypes.byref(_BPF_ARRAY), 16)), SECCOMP),
    Attempt("keep a key in the kernel", 2, _any_of(_call(248, 217, b"user", b"archwright", b"x", 1, -2)), SECCOMP),
    Attempt("open a user namespace inside", 2, _any_of(_call(272, 97, _NEW_USER)), SECCOMP),
    Attempt("make a system call of 32-bit programs", 2, _any_of(_call_in_machine_code(_GETPID_32)), SECCOMP),
    Attempt("make a system call of x32 programs", 2, _any_of(_call_in_machine_code(_GETPID_X32)), SECCOMP),
    Attempt(
        "share memory that no limit counts",
        2,
        _any_of(lambda: mmap.mmap(-1, 4096), lambda: os.memfd_create("archwright"), _share_dev_zero),
        SECCOMP,
    ),
    Attempt("learn of other processes", 3, _learn_of_other_processes, NAMESPACES),
)
