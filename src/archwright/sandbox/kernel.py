"""The few Linux system calls that Python does not offer, through ctypes.

Every function returns whether it worked, so that the caller decides what a missing protection means; nothing here
raises on systems without them.
"""

import ctypes
import os
import sys

PR_SET_PDEATHSIG = 1
PR_SET_DUMPABLE = 4
PR_SET_CHILD_SUBREAPER = 36
PR_SET_NO_NEW_PRIVS = 38

IS_LINUX = sys.platform == "linux"

_libc = ctypes.CDLL(None, use_errno=True)


def prctl(option: int, value: int) -> bool:
    """Set one process attribute; True when the kernel accepted it."""
    if not IS_LINUX:
        return False
    return bool(_libc.prctl(option, ctypes.c_ulong(value), 0, 0, 0) == 0)


def close_all_but(kept: set[int]) -> None:
    """Close every file descriptor of this process except `kept`."""
    low = 0
    for number in sorted(kept):
        if low < number:  # an empty range would close everything
            os.closerange(low, number)
        low = number + 1
    os.closerange(low, os.sysconf("SC_OPEN_MAX"))
