"""Naming the system calls that a box was refused, for `archwright doctor`: a new torch may need another one.

The filter then raises SIGSYS instead of answering, and a handler here writes the number down and answers in its place.
Never done for a candidate: a program could take the handler away.
"""

import ctypes
import errno
import os
import platform
import signal

from archwright.sandbox.syscalls import ARCHITECTURES, CHECKED, MISSING

_SIGINFO, _RESTART = 0x4, 0x10000000
_NUMBER_AT = 24  # in siginfo_t
_RESULT_AT = {"x86_64": 144, "aarch64": 184}
"""Where a call's result is in ucontext_t: rax, x0."""
_refused: set[int] = set()


class _Action(ctypes.Structure):
    _fields_ = (
        ("handler", ctypes.c_void_p),
        ("mask", ctypes.c_uint8 * 128),
        ("flags", ctypes.c_int),
        ("restorer", ctypes.c_void_p),
    )


def _refuse(number: int, info: int, context: int) -> None:
    _refused.add(ctypes.c_int.from_address(info + _NUMBER_AT).value)
    ctypes.c_long.from_address(context + _RESULT_AT[platform.machine()]).value = -errno.EPERM


_HANDLER = ctypes.CFUNCTYPE(None, ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p)(_refuse)


def record_refusals() -> None:
    """Write down from here on what a filter of `SIGSYS` refuses; raises OSError."""
    platform.machine()  # asks the system, once
    action = _Action(ctypes.cast(_HANDLER, ctypes.c_void_p).value, flags=_SIGINFO | _RESTART)
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.sigaction(int(signal.SIGSYS), ctypes.byref(action), None):
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


def refused_calls() -> list[str]:
    """Return what was refused so far, by name where a call has harmless forms, else by number."""
    column, _ = ARCHITECTURES[platform.machine()]
    names = {numbers[column]: name for name, numbers in (*CHECKED.items(), *MISSING.items())}
    return [names.get(number, f"number {number}") for number in sorted(_refused)]
