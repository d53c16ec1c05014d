"""The few Linux system calls that Python does not offer, through ctypes."""

import ctypes
import os
import sys

PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36
PR_SET_NO_NEW_PRIVS = 38
_PR_CAPBSET_DROP = 24
_CAPABILITY_VERSION = 0x20080522
_CAPSET = {"x86_64": 126, "aarch64": 91}
_PIVOT_ROOT = {"x86_64": 155, "aarch64": 41}
_MNT_DETACH = 2

IS_LINUX = sys.platform == "linux"

_libc = ctypes.CDLL(None, use_errno=True)


class _CapabilityHeader(ctypes.Structure):
    _fields_ = (("version", ctypes.c_uint32), ("pid", ctypes.c_int))


def prctl(option: int, value: int, pointer: int = 0) -> bool:
    """Set one attribute of this process; True when the kernel accepted it."""
    if not IS_LINUX:
        return False
    return bool(_libc.prctl(option, ctypes.c_ulong(value), ctypes.c_ulong(pointer), 0, 0) == 0)


def syscall(number: int, *arguments: object) -> int:
    """Return the result of a raw system call; raises OSError."""
    if not IS_LINUX:
        raise OSError("not Linux")
    result = int(_libc.syscall(ctypes.c_long(number), *(_as_argument(argument) for argument in arguments)))
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return result


def unshare(flags: int) -> bool:
    """Move this process to new namespaces; True when the kernel did."""
    return IS_LINUX and bool(_libc.unshare(flags) == 0)


def mount(source: str, target: str, kind: str | None, flags: int, options: str = "") -> None:
    """Mount or remount; raises OSError."""
    encoded = None if kind is None else kind.encode()
    if _libc.mount(source.encode(), target.encode(), encoded, ctypes.c_ulong(flags), options.encode() or None):
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number), target)


def enter_root(folder: str) -> None:
    """Make the mount at `folder` the root of this process and let go of everything else; raises OSError."""
    number = _PIVOT_ROOT.get(os.uname().machine)
    if number is None:
        raise OSError(f"no system-call number for {os.uname().machine}")
    os.chdir(folder)
    syscall(number, b".", b".")  # the old root now lies over the new one
    if _libc.umount2(b".", _MNT_DETACH):
        error = ctypes.get_errno()
        raise OSError(error, os.strerror(error), folder)
    os.chdir("/")


def drop_capabilities() -> None:
    """Give up every capability for good; raises OSError."""
    number = _CAPSET.get(os.uname().machine)
    if number is None:
        raise OSError(f"no system-call number for {os.uname().machine}")
    capability = 0
    while prctl(_PR_CAPBSET_DROP, capability):  # the first number beyond the last one is refused
        capability += 1
    header = _CapabilityHeader(_CAPABILITY_VERSION, 0)
    nothing = (ctypes.c_uint32 * 6)()
    syscall(number, ctypes.byref(header), ctypes.byref(nothing))


def close_all_but(kept: set[int]) -> None:
    """Close every file descriptor of this process except `kept`."""
    low = 0
    for number in sorted(kept):
        if low < number:  # an empty range would close everything
            os.closerange(low, number)
        low = number + 1
    os.closerange(low, os.sysconf("SC_OPEN_MAX"))


def _as_argument(value: object) -> object:
    return ctypes.c_long(value) if isinstance(value, int) else value
