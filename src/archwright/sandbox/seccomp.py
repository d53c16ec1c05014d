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
from dataclasses import dataclass

from archwright.sandbox import kernel

_LOAD, _JUMP_EQUAL, _JUMP_AT_LEAST, _JUMP_SET, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_ALLOW, _KILL, _ERRNO = 0x7FFF0000, 0x80000000, 0x00050000
_NUMBER, _ARCHITECTURE, _ARGUMENTS = 0, 4, 16  # offsets in struct seccomp_data
_MODE_FILTER = 2
_PR_SET_SECCOMP = 22
_CLONE_THREAD = 0x10000
_MAP_SHARED, _MAP_ANONYMOUS = 0x01, 0x20
_AND = 0x54
_SOCKET_TYPE, _AF_UNIX, _SOCK_SEQPACKET = 0xF, 1, 5
_X32_BIT = 0x40000000
_HARMLESS_PRCTL = (15, 16, 0x53564D41)  # set and get the thread's name, name a memory area


@dataclass(frozen=True, slots=True)
class _Table:
    """One architecture's system calls, by purpose."""

    architecture: int
    """AUDIT_ARCH_* of the kernel."""
    refused: tuple[int, ...]
    clone: int
    clone3: int
    mmap: int
    prctl: int
    signals: tuple[int, ...]
    """Calls whose first argument is the process they send a signal to."""
    socket: int
    driver: tuple[int, ...]
    """Refused calls that NVIDIA's driver cannot do without (`sandbox.cuda`)."""


# fmt: off
_TABLES = {
    "x86_64": _Table(
        0xC000003E,
        (
            41, 53, 42, 49, 50, 43, 288,  # socket socketpair connect bind listen accept accept4
            59, 322, 57, 58,  # execve execveat fork vfork
            90, 91, 268, 452, 92, 93, 94, 260,  # chmod fchmod fchmodat fchmodat2 chown fchown lchown fchownat
            132, 235, 280, 261,  # utime utimes utimensat futimesat
            188, 189, 190, 197, 198, 199, 463, 466,  # setxattr ... removexattrat
            319, 447, 323,  # memfd_create memfd_secret userfaultfd
            425, 426, 427,  # io_uring
            101, 310, 311, 312, 440, 438,  # ptrace process_vm_readv process_vm_writev kcmp process_madvise pidfd_getfd
            321, 298, 250, 248, 249,  # bpf perf_event_open keyctl add_key request_key
            165, 166, 155, 161, 429, 428, 430, 431, 432, 433, 442,  # mount ... mount_setattr, chroot, pivot_root
            308, 272, 246, 320, 175, 313, 176, 169, 167, 168, 163, 179,  # setns unshare kexec modules reboot swap
            164, 227, 159, 305,  # clocks
            304, 303, 135, 300, 212, 103, 153, 170, 171, 172, 173, 154, 134,  # handles personality fanotify syslog ...
            105, 106, 113, 114, 117, 119, 116, 122, 123, 126,  # set*id, capset
            129, 297, 424, 434,  # rt_sigqueueinfo rt_tgsigqueueinfo pidfd_send_signal pidfd_open
            29, 30, 31, 68, 64, 240,  # shared memory, message queues, semaphores
            133, 259, 86, 265, 88, 266,  # mknod mknodat link linkat symlink symlinkat
            203, 141, 144, 314, 142, 251, 237, 256, 279, 238, 109, 112,  # scheduling, memory policy, setpgid, setsid
            317, 278, 276, 275,  # seccomp vmsplice tee splice
        ),
        clone=56, clone3=435, mmap=9, prctl=157, signals=(62, 200, 234),
        socket=41, driver=(53, 49, 50, 319),  # socketpair bind listen memfd_create
    ),
    "aarch64": _Table(
        0xC00000B7,
        (
            198, 199, 203, 200, 201, 202, 242,
            221, 281,
            52, 53, 452, 55, 54,
            88,
            5, 6, 7, 14, 15, 16, 463, 466,
            279, 447, 282,
            425, 426, 427,
            117, 270, 271, 272, 440, 438,
            280, 241, 219, 217, 218,
            40, 39, 41, 51, 429, 428, 430, 431, 432, 433, 442,
            268, 97, 104, 294, 105, 273, 106, 142, 224, 225, 89, 60,
            170, 112, 171, 266,
            265, 264, 92, 262, 18, 116, 58, 161, 162, 42,
            146, 144, 145, 143, 147, 149, 159, 151, 152, 91,
            138, 240, 424, 434,
            194, 196, 195, 186, 190, 180,
            33, 37, 36,
            122, 140, 119, 274, 118, 30, 235, 238, 239, 237, 154, 157,
            277, 75, 77, 76,
        ),
        clone=220, clone3=435, mmap=222, prctl=167, signals=(129, 130, 131),
        socket=198, driver=(199, 200, 201, 279),
    ),
}
# fmt: on


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_char_p))


def refuse_system_calls(*, gpu: bool = False) -> None:
    """Install the filter for this process and all its threads to come; raises OSError where that is impossible.

    With `gpu`, NVIDIA's driver may do what it must.
    """
    table = _TABLES.get(platform.machine())
    if table is None:
        raise OSError(errno.ENOSYS, f"no system-call table for {platform.machine()}")
    code = _assemble(table, os.getpid(), gpu)
    program = _Program(len(code) // 8, code)
    if not kernel.prctl(_PR_SET_SECCOMP, _MODE_FILTER, ctypes.addressof(program)):
        raise OSError("PR_SET_SECCOMP was refused")


def _assemble(table: _Table, pid: int, gpu: bool) -> bytes:
    """Return the filter program; a block per call, each falling through to the next."""
    refuse = _step(_RETURN, _ERRNO | errno.EPERM)
    allow = _step(_RETURN, _ALLOW)
    steps = [
        _step(_LOAD, _ARCHITECTURE),
        _step(_JUMP_EQUAL, table.architecture, 1, 0),
        _step(_RETURN, _KILL),
        _step(_LOAD, _NUMBER),
    ]
    if platform.machine() == "x86_64":
        steps += [_step(_JUMP_AT_LEAST, _X32_BIT, 0, 1), _step(_RETURN, _KILL)]
    steps += [_step(_JUMP_EQUAL, table.clone3, 0, 1), _step(_RETURN, _ERRNO | errno.ENOSYS)]
    for number in table.refused:
        if not (gpu and number in (table.socket, *table.driver)):
            steps += [_step(_JUMP_EQUAL, number, 0, 1), refuse]
    if gpu:
        # The driver listens on an abstract name. Without connect and accept this kind of socket reaches nobody.
        local_only = [
            _argument(0),
            _step(_JUMP_EQUAL, _AF_UNIX, 1, 0),
            refuse,
            _argument(1),
            _step(_AND, _SOCKET_TYPE),
            _step(_JUMP_EQUAL, _SOCK_SEQPACKET, 0, 1),
            allow,
            refuse,
        ]
        steps += _block(table.socket, local_only)
    threads_only = [_argument(0), _step(_JUMP_SET, _CLONE_THREAD, 0, 1), allow, refuse]
    steps += _block(table.clone, threads_only)
    private_only = [
        _argument(3),
        _step(_JUMP_SET, _MAP_ANONYMOUS, 0, 2),
        _step(_JUMP_SET, _MAP_SHARED, 0, 1),
        refuse,
        allow,
    ]
    if not gpu:  # a memory file is as good, and the keeper watches both
        steps += _block(table.mmap, private_only)
    for number in table.signals:
        steps += _block(number, [_argument(0), _step(_JUMP_EQUAL, pid, 0, 1), allow, refuse])
    names_only = [_argument(0)]
    for option in _HARMLESS_PRCTL:
        names_only += [_step(_JUMP_EQUAL, option, 0, 1), allow]
    steps += _block(table.prctl, [*names_only, refuse])
    return b"".join([*steps, allow])


def _block(number: int, steps: list[bytes]) -> list[bytes]:
    """Return the steps for one call; others jump over them."""
    return [_step(_JUMP_EQUAL, number, 0, len(steps)), *steps]


def _argument(index: int) -> bytes:
    return _step(_LOAD, _ARGUMENTS + 8 * index)  # the low half: little-endian on both architectures


def _step(code: int, value: int, if_true: int = 0, if_false: int = 0) -> bytes:
    return struct.pack("<HBBI", code, if_true, if_false, value)
