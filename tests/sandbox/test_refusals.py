"""What the filters of the second level stop and nothing else would, each tried with them and without.

Every line succeeds in a box of the first level, so a refusal at the second is the filter's doing.
"""

import errno
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from archwright.sandbox.order import End, Report

RunCode = Callable[..., Report]

PREAMBLE = """
import ctypes, fcntl, importlib.util, mmap, os, platform, resource, socket, stat, struct, sys, sysconfig
X86 = platform.machine() == "x86_64"
libc = ctypes.CDLL(None, use_errno=True)
def call(x86, arm, *arguments):
    result = libc.syscall(x86 if X86 else arm, *arguments)
    if result < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return result
def descriptor(kind):
    def matches(number):
        try:
            return kind(os.fstat(number).st_mode)
        except OSError:
            return False
    return os.dup(next(number for number in range(3, 200) if matches(number)))
def library(flags):
    libc.mmap.restype = ctypes.c_void_p
    return ctypes.c_void_p(libc.mmap(None, 4096, 1, flags, os.open(os.__file__, 0), ctypes.c_long(0)))
file = os.open("file", os.O_CREAT | os.O_RDWR)
os.write(file, b"text")
"""
LINES = {
    "cut a file it may only read": "os.open('file', os.O_RDONLY | os.O_TRUNC)",
    "cut a file by neither reading nor writing": "os.open('file', 3 | os.O_TRUNC)",
    "cut a file by name": "os.truncate('file', 1)",
    "open by a call whose flags are out of sight": "call(437, 437, -100, b'file', (ctypes.c_uint64 * 3)(), 24)",
    "change the attributes of a file by name": "call(469, 469, -100, b'file', (ctypes.c_uint64 * 4)(), 32, 0)",
    "ask a file system for what only it knows": "fcntl.ioctl(file, 0x80086601, bytes(8))",
    "block others with a lease": "fcntl.fcntl(os.open(os.__file__, os.O_RDONLY), fcntl.F_SETLEASE, fcntl.F_RDLCK)",
    "send signals through the owner of a file": "fcntl.fcntl(os.pipe()[0], fcntl.F_SETOWN, os.getppid())",
    "choose the signal that a file sends": "fcntl.fcntl(os.pipe()[0], 10, 9)",
    "make a pipe larger": "fcntl.fcntl(os.pipe()[0], 1031, 2**20)",
    "watch what others do with files": "call(294, 26, 0)",
    "read the data sets of other packages": "open(importlib.util.find_spec('sklearn').origin).read()",
    "write to /dev/zero": "os.open('/dev/zero', os.O_RDWR)",
    "change the limits of its keeper": "resource.prlimit(os.getppid(), resource.RLIMIT_NOFILE)",
    "use up the requests of the whole system": "call(206, 0, 1, ctypes.byref(ctypes.c_ulong()))",
    "start an io_uring": "call(425, 425, 1, (ctypes.c_uint32 * 30)())",
    "be traced": "call(101, 117, 0, 0, 0, 0)",
    "read memory across processes": "call(310, 270, os.getppid(), 0, 0, 0, 0, 0)",
    "make memory that no limit counts": "mmap.mmap(-1, 4096)",
    "make a memory file": "os.memfd_create('x')",
    "make semaphores": "call(66, 191, call(64, 190, 0, 1, 0o600), 0, 0)",
    "look for semaphores of others": "call(64, 190, 0, 1, 0o600)",
    "add a key": "call(248, 217, b'user', b'archwright-test', b'x', 1, -2)",
    "open a name space": "call(272, 97, 0x10000000)",
    "fork": "os.fork() or os._exit(0)",
    "vfork by number": "call(56, 220, 17, 0, 0, 0, 0) or os._exit(0)",
    "raise a limit": "call(160, 164, resource.RLIMIT_CORE, (ctypes.c_uint64 * 2)(0, 2**20))",
    "open a file without any rights": "os.open('shut', os.O_CREAT, 0); os.open('shut', os.O_RDONLY)",
    "set an option of its channel": "socket.socket(fileno=descriptor(stat.S_ISSOCK)).setsockopt(1, 7, 4096)",
    "write out all disks": "call(162, 81)",
    "see which pages of a file are in memory": "call(27, 232, library(mmap.MAP_PRIVATE), 4096, bytes(1))",
    "count the pages of a file that are in memory": "call(451, 451, file, (ctypes.c_uint64 * 2)(), bytes(40), 0)",
    "have a file read ahead": "call(187, 213, file, ctypes.c_long(0), 4096)",
    "advise on a file": "os.posix_fadvise(file, 0, 0, os.POSIX_FADV_DONTNEED)",
    "read only what is in memory": "os.preadv(file, [bytearray(4)], 0, os.RWF_NOWAIT)",
    "push out pages": "call(28, 233, library(mmap.MAP_PRIVATE), 4096, 21)",
    "make pages cold": "call(28, 233, library(mmap.MAP_SHARED), 4096, 20)",
    "have pages of a file joined": "call(28, 233, library(mmap.MAP_PRIVATE), 4096, 3)",
    "lock a file": "fcntl.flock(file, fcntl.LOCK_SH)",
    "lock a part of a file": "fcntl.fcntl(file, 37, struct.pack('hhqqi4x', 0, 0, 0, 1, 0))",
    "ask for the locks of a file": "fcntl.fcntl(file, 36, struct.pack('hhqqi4x', 0, 0, 0, 1, 0))",
    "give a hint on how long data live": "fcntl.fcntl(file, 1036, struct.pack('Q', 2))",
    "list the attributes of a file": "os.listxattr('/')",
    "read where a link leads": "os.readlink('/proc/self/exe')",
    "keep pages in memory": "call(149, 228, library(mmap.MAP_PRIVATE), 4096)",
    "make a pipe": "os.pipe()",
    "look at the load of the system": "call(99, 179, bytes(200))",
    "ask about the disks": "os.statvfs('/')",
    "count what was read from disk": "resource.getrusage(resource.RUSAGE_SELF)",
    "count what was read from disk by a file": "open('/proc/self/stat').read()",
    "see how long the processors idled": "open('/sys/devices/system/cpu/kernel_max').read()",
    "see what the network of the machine does": "open('/proc/self/net/softnet_stat').read()",
    "read the clock of another process": "call(228, 113, ~os.getppid() << 3 | 2, (ctypes.c_long * 2)())",
    "ask who is at the other end of its channel": "socket.socket(fileno=descriptor(stat.S_ISSOCK)).getsockopt(1, 17)",
}


def refusal(run_code: RunCode, line: str, isolation: int) -> object:
    """Return the errno that a line ended with in a box, or None when it did what it says."""
    code = f"{PREAMBLE}\ntry:\n    {line}\nexcept OSError as error:\n    tell({{'errno': error.errno}})\nelse:\n"
    report = run_code(f"{code}    tell({{'errno': None}})\n", isolation=isolation)
    if report.isolation < isolation:
        pytest.skip("this system has no Landlock or no seccomp")
    assert "errno" in report.messages[-1].content, (report.end, report.log)
    return report.messages[-1].content["errno"]


@pytest.mark.parametrize("name", LINES)
def test_the_second_level_refuses_what_the_first_allows(run_code: RunCode, name: str) -> None:
    assert refusal(run_code, LINES[name], 2) in (errno.EPERM, errno.EACCES, errno.ENOSYS)
    without = refusal(run_code, LINES[name], 1)
    if without is not None:
        pytest.skip(f"this system refuses it to everybody here ({errno.errorcode[int(str(without))]})")


@pytest.mark.parametrize(("isolation", "waited"), [(1, errno.ETIMEDOUT), (2, errno.EAGAIN)])
def test_nobody_waits_on_pages_that_boxes_share(run_code: RunCode, isolation: int, waited: int) -> None:
    prepared = "at = library(mmap.MAP_PRIVATE); time = (ctypes.c_long * 2)(0, 10**7); "
    wait = "call(202, 98, at, 0, ctypes.c_uint32.from_address(at.value).value, time, 0, 0)"
    assert refusal(run_code, prepared + wait, isolation) == waited
    assert refusal(run_code, prepared + "call(202, 98, at, 1, 9, 0, 0, 0)", isolation) is None
    assert refusal(run_code, prepared + wait.replace("at, 0,", "at, 128,"), isolation) == errno.ETIMEDOUT


def test_threads_wait_and_wake_as_ever(run_code: RunCode) -> None:
    code = """
import threading
ready, said = threading.Event(), []
threads = [threading.Thread(target=lambda: (ready.wait(), said.append(1))) for _ in range(8)]
for one in threads: one.start()
ready.set()
for one in threads: one.join()
tell({"said": len(said)})
"""
    assert run_code(code, isolation=2).messages[-1].content == {"said": 8}


def test_calls_nobody_has_looked_at_do_not_exist(run_code: RunCode) -> None:
    for number in (470, 512, 999):
        assert refusal(run_code, f"call({number}, {number})", 2) == errno.ENOSYS


@pytest.mark.parametrize(("isolation", "arrives"), [(1, True), (2, False)])
def test_the_channel_of_a_box_reaches_no_other_socket(
    run_code: RunCode, tmp_path: Path, isolation: int, arrives: bool
) -> None:
    for send in ("sendto(b'out', PATH)", "sendmsg([b'out'], [], 0, PATH)"):
        path = tmp_path / f"{isolation}{send[:7]}"
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as journal:
            journal.bind(str(path))
            journal.setblocking(False)
            line = f"socket.socket(fileno=descriptor(stat.S_ISSOCK)).{send}".replace("PATH", repr(str(path)))
            assert refusal(run_code, line, isolation) == (None if arrives else errno.EPERM)
            if arrives:
                assert journal.recv(9) == b"out"
            else:
                with pytest.raises(BlockingIOError):
                    journal.recv(9)


FOREIGN = {
    "32-bit": "b'\\xb8\\x14\\x00\\x00\\x00\\xcd\\x80\\xc3'",  # mov eax, 20 (getpid); int 0x80; ret
    "x32": "b'\\xb8\\x27\\x00\\x00\\x40\\x0f\\x05\\xc3'",  # mov eax, 0x40000027; syscall; ret
}


@pytest.mark.parametrize("name", FOREIGN)
def test_foreign_call_tables_end_the_process(run_code: RunCode, name: str) -> None:
    code = f"""{PREAMBLE}
if not X86:
    tell({{"foreign": True}})
else:
    page = mmap.mmap(-1, 4096, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS, 7)
    page.write({FOREIGN[name]})
    ctypes.CFUNCTYPE(ctypes.c_long)(ctypes.addressof(ctypes.c_char.from_buffer(page)))()
    tell({{"came": "back"}})
"""
    report = run_code(code, isolation=2)
    if report.isolation < 2 or "foreign" in report.messages[-1].content:
        pytest.skip("this system has no seccomp or no such calls")
    assert (report.end, report.signal) == (End.SIGNALLED, 31)  # SIGSYS
    assert run_code(code, isolation=1).messages[-1].content == {"came": "back"}


def test_what_was_refused_can_be_named(run_code: RunCode) -> None:
    code = """
import os, threading
from archwright.sandbox.tracing import refused_calls
refused = []
for act in (os.pipe, lambda: os.kill(1 if os.getpid() != 1 else 2, 0), lambda: os.getpriority(0, 0), os.getpid):
    try:
        act()
    except PermissionError:
        refused.append("here")
thread = threading.Thread(target=os.sched_yield)
thread.start()
thread.join()
tell({"refused": refused, "named": refused_calls()})
"""
    report = run_code(code, isolation=2, is_traced=True)
    if report.isolation < 2:
        pytest.skip("this system has no seccomp")
    said = report.messages[-1].content
    assert said["refused"] == ["here"] * 3, report.log
    assert isinstance(said["named"], list)
    assert "kill" in said["named"]
    assert len(said["named"]) == 3
