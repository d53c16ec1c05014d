"""seccomp: the system calls a network has no use for are refused.

Everything else stays allowed: a list of what torch needs would break with every release, while what can reach out of
a process is known. Refused calls fail with EPERM, so that the candidate's exception says where. Foreign call tables
(32-bit, x32) end the process.
"""

import ctypes
import errno
import os
import platform
import struct

from archwright.sandbox import kernel
from archwright.sandbox.syscalls import NEWEST, TABLES, Table

_LOAD, _JUMP_EQUAL, _JUMP_AT_LEAST, _JUMP_SET, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_KILL, _ERRNO, _ACCEPT = 0x80000000, 0x00050000, 0x7FFF0000
_NUMBER, _ARCHITECTURE, _ARGUMENTS = 0, 4, 16  # offsets in struct seccomp_data
_MODE_FILTER = 2
_PR_SET_SECCOMP = 22
_AND = 0x54
_X32_BIT = 0x40000000
_CLONE_THREAD = 0x10000
_MAP_SHARED, _MAP_ANONYMOUS, _MAP_HUGETLB = 0x01, 0x20, 0x40000
_O_ACCMODE, _O_WRONLY, _O_RDWR, _O_TRUNC = 3, 1, 2, 0x200
_SOCKET_TYPE, _AF_UNIX, _SOCK_SEQPACKET = 0xF, 1, 5
_HARMLESS_PRCTL = (15, 16, 0x53564D41)  # set and get the thread's name, name a memory area
_HARMLESS_IOCTL = (0x5401, 0x802C542A, 0x5413, 0x541B, 0x5421, 0x5450, 0x5451)
"""Is it a terminal (two ways), its size, bytes waiting, blocking or not, close on exec or not."""
_HARMFUL_FCNTL = (8, 10, 15, 1024, 1026, 1031)
"""Signals to an owner of one's choice (F_SETOWN, F_SETSIG, F_SETOWN_EX), leases, watches, larger pipes."""


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_char_p))


def refuse_system_calls(*, gpu: bool = False) -> None:
    """Install the filter for this process and all its threads to come; raises OSError where that is impossible.

    With `gpu`, NVIDIA's driver may do what it must.
    """
    table = TABLES.get(platform.machine())
    if table is None:
        raise OSError(errno.ENOSYS, f"no system-call table for {platform.machine()}")
    code = _assemble(table, os.getpid(), gpu)
    program = _Program(len(code) // 8, code)
    if not kernel.prctl(_PR_SET_SECCOMP, _MODE_FILTER, ctypes.addressof(program)):
        raise OSError("PR_SET_SECCOMP was refused")


def _assemble(table: Table, pid: int, gpu: bool) -> bytes:
    """Return the filter program; a block per call, each falling through to the next."""
    steps = [
        _step(_LOAD, _ARCHITECTURE),
        _step(_JUMP_EQUAL, table.architecture, 1, 0),
        _step(_RETURN, _KILL),
        _step(_LOAD, _NUMBER),
    ]
    if platform.machine() == "x86_64":
        steps += [_step(_JUMP_AT_LEAST, _X32_BIT, 0, 1), _step(_RETURN, _KILL)]
    steps += [_step(_JUMP_AT_LEAST, NEWEST + 1, 0, 1), _UNKNOWN]  # nobody has looked at them
    for number in (table.clone3, table.openat2):  # their flags are out of reach; libc then uses the older call
        steps += _block(number, [_UNKNOWN])
    for number in table.refused:
        if not (gpu and number in (table.socket, *table.driver)):
            steps += _block(number, [_REFUSE])
    steps += _block(table.clone, [_argument(0), _step(_JUMP_SET, _CLONE_THREAD, 0, 1), _ALLOW, _REFUSE])
    for number in table.signals:
        steps += _block(number, _only(0, pid))
    steps += _block(table.prlimit, _only(0, 0, pid))
    steps += _block(table.prctl, _only(0, *_HARMLESS_PRCTL))
    steps += _block(table.fcntl, _all_but(1, *_HARMFUL_FCNTL))
    steps += _block(table.sendto, _unaddressed())
    for number, flags in table.opens:
        steps += _block(number, _truncating_only_to_write(flags))
    if gpu:
        steps += _block(table.socket, _local_only())
    else:  # the driver has ioctls of its own, and may make memory files, which are as good: the keeper watches both
        steps += _block(table.ioctl, _only(1, *_HARMLESS_IOCTL))
        steps += _block(table.mmap, _private_only())
    return b"".join([*steps, _ALLOW])


def _only(index: int, *values: int) -> list[bytes]:
    """Allow the call when the argument is one of `values`."""
    allowed = [step for value in values for step in (_step(_JUMP_EQUAL, value, 0, 1), _ALLOW)]
    return [_argument(index), *allowed, _REFUSE]


def _all_but(index: int, *values: int) -> list[bytes]:
    """Refuse the call when the argument is one of `values`."""
    refused = [step for value in values for step in (_step(_JUMP_EQUAL, value, 0, 1), _REFUSE)]
    return [_argument(index), *refused, _ALLOW]


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
    """Refuse memory that no limit counts: shared without a file, and the system's huge pages."""
    return [
        _argument(3),
        _step(_JUMP_SET, _MAP_HUGETLB, 0, 1),
        _REFUSE,
        _step(_JUMP_SET, _MAP_ANONYMOUS, 0, 2),
        _step(_JUMP_SET, _MAP_SHARED, 0, 1),
        _REFUSE,
        _ALLOW,
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


def _block(number: int, steps: list[bytes]) -> list[bytes]:
    """Return the steps for one call; others jump over them."""
    return [_step(_JUMP_EQUAL, number, 0, len(steps)), *steps]


def _argument(index: int, *, high: bool = False) -> bytes:
    return _step(_LOAD, _ARGUMENTS + 8 * index + 4 * high)  # halves of 32 bits: little-endian on both architectures


def _step(code: int, value: int, if_true: int = 0, if_false: int = 0) -> bytes:
    return struct.pack("<HBBI", code, if_true, if_false, value)


_ALLOW = _step(_RETURN, _ACCEPT)
_REFUSE = _step(_RETURN, _ERRNO | errno.EPERM)
_UNKNOWN = _step(_RETURN, _ERRNO | errno.ENOSYS)
