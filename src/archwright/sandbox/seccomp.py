"""seccomp: a box may make the system calls that training was measured to need, and no other.

Refused calls fail with EPERM, so that the candidate's exception says where; calls that nobody has looked at do not
exist (ENOSYS), so that libc uses older ones. Foreign call tables (32-bit, x32) end the process. NVIDIA's driver has
not been measured: with a GPU everything is allowed but what a network has no use for.
"""

import ctypes
import errno
import os
import platform
import struct
from collections.abc import Iterator, Mapping

from archwright.sandbox import kernel
from archwright.sandbox.syscalls import (
    ALLOWED,
    ARCHITECTURES,
    CHECKED,
    DRIVER,
    MISSING,
    NEWEST,
    REFUSED_ON_GPU,
    SOCKET,
)

_LOAD, _JUMP_EQUAL, _JUMP_AT_LEAST, _JUMP_SET, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_KILL, _SIGNAL, _ERRNO, _ACCEPT = 0x80000000, 0x00030000, 0x00050000, 0x7FFF0000
_NUMBER, _ARCHITECTURE, _ARGUMENTS = 0, 4, 16  # offsets in struct seccomp_data
_MODE_FILTER = 2
_PR_SET_SECCOMP = 22
_AND = 0x54
_X32_BIT = 0x40000000
_CLONE_THREAD = 0x10000
_MAP_SHARED, _MAP_ANONYMOUS = 0x01, 0x20
_HARMLESS_MAP = 0x01 | 0x02 | 0x10 | 0x20 | 0x800 | 0x4000 | 0x8000 | 0x20000 | 0x100000
"""Shared, private, fixed (two ways), anonymous, not writable (by the loader), not reserved, filled, a stack."""
_HARMLESS_ADVICE = (4, 8, 14)  # throw away, free, huge pages: what is about the caller's own memory and no one else's
_O_ACCMODE, _O_WRONLY, _O_RDWR, _O_TRUNC = 3, 1, 2, 0x200
_SOCKET_TYPE, _AF_UNIX, _SOCK_SEQPACKET = 0xF, 1, 5
_HARMLESS_PRCTL = (15, 16, 0x53564D41)  # set and get the thread's name, name a memory area
_TILE_PERMISSION = (0x1022, 0x1023)  # see and ask for the processor's matrix registers
_HARMLESS_IOCTL = (0x5401, 0x802C542A, 0x5413, 0x541B, 0x5421, 0x5450, 0x5451)
"""Is it a terminal (two ways), its size, bytes waiting, blocking or not, close on exec or not."""
_HARMLESS_FCNTL = (0, 1, 2, 3, 4, 1030)
"""Duplicate (two ways), flags of descriptor and file; not locks, leases, owners, signals, hints, seals, pipe sizes."""
_HARMLESS_OPTIONS = (3, 4, 38, 39)
"""Of a socket: its type, error, protocol and domain; not who is at the other end, nor what the kernel counts."""
_CLOCKS = tuple(range(12))
"""Of the machine and of the caller; a negative number is the clock of another process, or of a device."""
_SEALS = (1033, 1034)
_FUTEX_PRIVATE, _FUTEX_CLOCK = 128, 256
_FUTEX_WAIT, _FUTEX_WAKE = (0, 9), (1, 10)
_FUTEX_OWN = (*_FUTEX_WAIT, *_FUTEX_WAKE, 3, 4, 5)


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_char_p))


def refuse_system_calls(*, gpu: bool = False, is_traced: bool = False) -> None:
    """Install the filter for this process and all its threads to come; raises OSError where that is impossible.

    With `gpu`, NVIDIA's driver may do what it must; with `is_traced`, a refusal is a signal (`tracing`).
    """
    machine = platform.machine()
    if machine not in ARCHITECTURES:
        raise OSError(errno.ENOSYS, f"no system-call table for {machine}")
    steps = _assemble(machine, os.getpid(), gpu)
    code = b"".join(_TRAP if is_traced and step == _REFUSE else step for step in steps)
    program = _Program(len(code) // 8, code)
    if not kernel.prctl(_PR_SET_SECCOMP, _MODE_FILTER, ctypes.addressof(program)):
        raise OSError("PR_SET_SECCOMP was refused")


def _assemble(machine: str, pid: int, gpu: bool) -> Iterator[bytes]:
    """Yield the steps of the filter; a block per call, each falling through to the next."""
    column, architecture = ARCHITECTURES[machine]
    yield _step(_LOAD, _ARCHITECTURE)
    yield _step(_JUMP_EQUAL, architecture, 1, 0)
    yield _step(_RETURN, _KILL)
    yield _step(_LOAD, _NUMBER)
    if machine == "x86_64":
        yield from (_step(_JUMP_AT_LEAST, _X32_BIT, 0, 1), _step(_RETURN, _KILL))
    yield from (_step(_JUMP_AT_LEAST, NEWEST + 1, 0, 1), _UNKNOWN)
    for numbers in MISSING.values():
        yield from _block(numbers[column], [_UNKNOWN])
    for name, steps in (_on_gpu(pid) if gpu else _checks(pid)).items():
        yield from _block(CHECKED[name][column], steps)
    if gpu:
        yield from _block(SOCKET[column], _local_only())
        for number in sorted(REFUSED_ON_GPU[machine] - DRIVER[machine]):
            yield from _block(number, [_REFUSE])
    else:
        for numbers in ALLOWED.values():
            yield from _block(numbers[column], [_ALLOW])
    yield _ALLOW if gpu else _REFUSE


def _checks(pid: int) -> Mapping[str, list[bytes]]:
    """Return what decides on the calls with harmless and harmful forms, for the process `pid`."""
    return {
        "futex": _own_futexes(),
        "mmap": _private_only(),
        "madvise": _only(2, *_HARMLESS_ADVICE),
        "open": _truncating_only_to_write(1),
        "openat": _truncating_only_to_write(2),
        "fcntl": _only(1, *_HARMLESS_FCNTL),
        "ioctl": _only(1, *_HARMLESS_IOCTL),
        "prctl": _only(0, *_HARMLESS_PRCTL),
        "arch_prctl": _only(0, *_TILE_PERMISSION),
        "prlimit64": _only(0, 0, pid),
        "sched_getaffinity": _only(0, 0, pid),
        "clone": [_argument(0), _step(_JUMP_SET, _CLONE_THREAD, 0, 1), _ALLOW, _REFUSE],
        "kill": _only(0, pid),
        "tkill": _only(0, pid),
        "tgkill": _only(0, pid),
        "sendto": _unaddressed(),
        "getsockopt": _only(2, *_HARMLESS_OPTIONS),
        **dict.fromkeys(("clock_gettime", "clock_getres", "clock_nanosleep"), _only(0, *_CLOCKS)),
    }


def _on_gpu(pid: int) -> Mapping[str, list[bytes]]:
    """Return `_checks` without those of what the driver does in ways of its own."""
    of_driver = {"futex", "mmap", "madvise", "ioctl", "arch_prctl", "sched_getaffinity", "getsockopt"}
    of_driver |= {"clock_gettime", "clock_getres", "clock_nanosleep"}
    checks = {name: steps for name, steps in _checks(pid).items() if name not in of_driver}
    return {**checks, "fcntl": _only(1, *_HARMLESS_FCNTL, *_SEALS)}


def _only(index: int, *values: int) -> list[bytes]:
    """Allow the call when the argument is one of `values`."""
    allowed = [step for value in values for step in (_step(_JUMP_EQUAL, value, 0, 1), _ALLOW)]
    return [_argument(index), *allowed, _REFUSE]


def _unaddressed() -> list[bytes]:
    """Allow sending over a connection, not to an address: the box's own channel could reach any Unix socket."""
    low_is_null = [_argument(4), _step(_JUMP_EQUAL, 0, 1, 0), _REFUSE]
    high_is_null = [_argument(4, high=True), _step(_JUMP_EQUAL, 0, 1, 0), _REFUSE]
    return [*low_is_null, *high_is_null, _ALLOW]


def _truncating_only_to_write(flags: int) -> list[bytes]:
    """Refuse to cut a file that is not opened for writing, which Landlock does not see before Linux 6.2."""
    return [
        _argument(flags),
        _step(_JUMP_SET, _O_TRUNC, 1, 0),
        _ALLOW,
        _step(_AND, _O_ACCMODE),
        _step(_JUMP_EQUAL, _O_WRONLY, 1, 0),
        _step(_JUMP_EQUAL, _O_RDWR, 0, 1),
        _ALLOW,
        _REFUSE,
    ]


def _private_only() -> list[bytes]:
    """Refuse memory that no limit counts (shared without a file, the system's huge pages) and unusual kinds."""
    return [
        _argument(3),
        _step(_JUMP_SET, ~_HARMLESS_MAP & 0xFFFFFFFF, 0, 1),
        _REFUSE,
        _step(_JUMP_SET, _MAP_ANONYMOUS, 0, 2),
        _step(_JUMP_SET, _MAP_SHARED, 0, 1),
        _REFUSE,
        _ALLOW,
    ]


def _own_futexes() -> list[bytes]:
    """Allow futexes of the process; on those that processes share nobody waits, so that nobody is woken either.

    Boxes map the same pages, of data and libraries. Who waits is told to look again: libstdc++ does so at the
    initialisation of statics, libc where it joins a thread.
    """
    own = [value for op in _FUTEX_OWN for value in (op | _FUTEX_PRIVATE, op | _FUTEX_PRIVATE | _FUTEX_CLOCK)]
    waiting = [value for op in _FUTEX_WAIT for value in (op, op | _FUTEX_CLOCK)]
    answers = [*((value, _ALLOW) for value in own), *((value, _AGAIN) for value in waiting)]
    answers += [(value, _DONE) for value in _FUTEX_WAKE]
    return [
        _argument(1),
        *(step for value, answer in answers for step in (_step(_JUMP_EQUAL, value, 0, 1), answer)),
        _REFUSE,
    ]


def _local_only() -> list[bytes]:
    """Allow the socket on which NVIDIA's driver listens; without connect and accept it reaches nobody."""
    return [
        _argument(0),
        _step(_JUMP_EQUAL, _AF_UNIX, 1, 0),
        _REFUSE,
        _argument(1),
        _step(_AND, _SOCKET_TYPE),
        _step(_JUMP_EQUAL, _SOCK_SEQPACKET, 0, 1),
        _ALLOW,
        _REFUSE,
    ]


def _block(number: int | None, steps: list[bytes]) -> list[bytes]:
    """Return the steps for one call, if this machine has it; others jump over them."""
    return [] if number is None else [_step(_JUMP_EQUAL, number, 0, len(steps)), *steps]


def _argument(index: int, *, high: bool = False) -> bytes:
    return _step(_LOAD, _ARGUMENTS + 8 * index + 4 * high)  # halves of 32 bits: little-endian on both architectures


def _step(code: int, value: int, if_true: int = 0, if_false: int = 0) -> bytes:
    return struct.pack("<HBBI", code, if_true, if_false, value)


_ALLOW = _step(_RETURN, _ACCEPT)
_REFUSE = _step(_RETURN, _ERRNO | errno.EPERM)
_TRAP = _step(_RETURN, _SIGNAL)
_UNKNOWN = _step(_RETURN, _ERRNO | errno.ENOSYS)
_AGAIN = _step(_RETURN, _ERRNO | errno.EAGAIN)
_DONE = _step(_RETURN, _ERRNO)
"""Success without having done anything."""
