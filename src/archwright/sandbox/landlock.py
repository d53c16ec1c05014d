"""Landlock: the file system as a candidate may see it, and no TCP.

Reading is allowed where Python, its packages and shared libraries are (`visible`); writing in the scratch folder only.
Signals to processes outside the box and abstract Unix sockets are refused where the kernel knows how (6.12).
"""

import ctypes
import errno
import os
import stat

from archwright.sandbox import cuda, kernel
from archwright.sandbox.visible import DEVICES, PROCESS, SETTINGS, find_visible

_CREATE, _ADD, _RESTRICT = 444, 445, 446  # the same numbers on every architecture
_PATH_BENEATH = 1

_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_DIR = 1 << 0, 1 << 1, 1 << 2, 1 << 3
_TRUNCATE, _IOCTL = 1 << 14, 1 << 15
_READING = _READ_FILE | _READ_DIR
_OF_FILES = _EXECUTE | _WRITE_FILE | _READ_FILE | _TRUNCATE | _IOCTL
_TCP, _SCOPES = 0b11, 0b11
_FEATURES = ((16, _TCP, _SCOPES), (16, _TCP, 0), (15, _TCP, 0), (15, 0, 0), (14, 0, 0), (13, 0, 0))
"""Rights to files (how many), rights to TCP, and scopes of signals and abstract sockets; the most a kernel may know."""


class _Ruleset(ctypes.Structure):
    _fields_ = (("files", ctypes.c_uint64), ("network", ctypes.c_uint64), ("scoped", ctypes.c_uint64))


class _PathBeneath(ctypes.Structure):
    _pack_ = 1
    _fields_ = (("allowed", ctypes.c_uint64), ("folder", ctypes.c_int32))


def confine_files(scratch: str, *, gpu: bool = False) -> None:
    """Allow this process to read what Python needs and to write in `scratch`, and nothing else; raises OSError.

    With `gpu`, NVIDIA's driver gets what it needs as well.
    """
    rules, rights = _create()
    try:
        for path in (*DEVICES, *SETTINGS, *PROCESS):
            _allow(rules, path, _READING & rights)
        for path, is_read in find_visible().readable():
            _allow(rules, path, (_READING if is_read else _READ_DIR) & rights)
        _allow(rules, os.devnull, (_READ_FILE | _WRITE_FILE) & rights)
        if gpu:
            for path in cuda.readable_paths():
                _allow(rules, path, _READING & rights)
            for path in cuda.device_files():
                _allow(rules, path, (_READ_FILE | _WRITE_FILE | _IOCTL) & rights)
            _allow(rules, cuda.OWN_PROCESS, (_READ_FILE | _READ_DIR | _WRITE_FILE | _TRUNCATE) & rights)
        _allow(rules, scratch, rights & ~_EXECUTE & ~_IOCTL)
        kernel.syscall(_RESTRICT, rules, 0)
    finally:
        os.close(rules)


def _create() -> tuple[int, int]:
    """Return the descriptor of a rule set of the most this kernel can restrict (found by trying), and file rights."""
    for number, tcp, scopes in _FEATURES:
        rights = (1 << number) - 1
        ruleset = _Ruleset(rights, tcp, scopes)
        try:
            return kernel.syscall(_CREATE, ctypes.byref(ruleset), ctypes.sizeof(ruleset), 0), rights
        except OSError as error:
            if error.errno not in (errno.EINVAL, errno.E2BIG):
                raise
    raise OSError(errno.ENOSYS, "no kind of rule set is accepted")


def _allow(rules: int, path: str, rights: int) -> None:
    try:
        beneath = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return  # not on this system: nothing to allow
    try:
        if not stat.S_ISDIR(os.fstat(beneath).st_mode):
            rights &= _OF_FILES
        rule = _PathBeneath(rights, beneath)
        kernel.syscall(_ADD, rules, _PATH_BENEATH, ctypes.byref(rule), 0)
    finally:
        os.close(beneath)
