"""Landlock: the file system as a candidate may see it, and no TCP.

Reading is allowed where Python, its packages and shared libraries are; writing in the scratch folder only. Signals to
processes outside the box and abstract Unix sockets are refused where the kernel knows how (6.12).
"""

import ctypes
import os
import sys
import sysconfig
from pathlib import Path

from archwright.sandbox import cuda, kernel

_CREATE, _ADD, _RESTRICT = 444, 445, 446  # the same numbers on every architecture
_VERSION_QUERY = 1
_PATH_BENEATH = 1

_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_DIR = 1 << 0, 1 << 1, 1 << 2, 1 << 3
_TRUNCATE, _IOCTL = 1 << 14, 1 << 15
_READING = _EXECUTE | _READ_FILE | _READ_DIR
_OF_FILES = _EXECUTE | _WRITE_FILE | _READ_FILE | _TRUNCATE | _IOCTL
_RIGHTS_BY_VERSION = {1: 13, 2: 14, 3: 15, 4: 15, 5: 16}
"""How many of the file-system rights each version knows."""

DEVICES = ("/dev/null", "/dev/zero", "/dev/random", "/dev/urandom")
READABLE = (
    "/lib",
    "/lib64",
    "/usr/lib",
    "/usr/lib64",
    "/usr/local/lib",
    "/etc/ld.so.cache",
    "/proc/self",
    "/proc/cpuinfo",
    "/proc/meminfo",
    "/sys/devices/system/cpu",
)


def _find_python() -> frozenset[str]:
    """Return where the interpreter, its packages and our own code are; never a folder of the user's."""
    package = Path(__file__).resolve().parents[1]
    paths = (sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib"))
    return frozenset({sys.prefix, sys.base_prefix, str(package), *filter(None, paths)})


PYTHON = _find_python()
"""Found once, before any fork."""


class _Ruleset(ctypes.Structure):
    _fields_ = (("files", ctypes.c_uint64), ("network", ctypes.c_uint64), ("scoped", ctypes.c_uint64))


class _PathBeneath(ctypes.Structure):
    _pack_ = 1
    _fields_ = (("allowed", ctypes.c_uint64), ("folder", ctypes.c_int32))


def confine_files(scratch: str, *, gpu: bool = False) -> None:
    """Allow this process to read what Python needs and to write in `scratch`, and nothing else; raises OSError.

    With `gpu`, NVIDIA's driver gets what it needs as well.
    """
    version = kernel.syscall(_CREATE, None, 0, _VERSION_QUERY)
    rights = (1 << _RIGHTS_BY_VERSION[min(version, 5)]) - 1
    ruleset = _Ruleset(rights, 0b11 if version >= 4 else 0, 0b11 if version >= 6 else 0)
    size = ctypes.sizeof(_Ruleset) if version >= 6 else 16 if version >= 4 else 8
    rules = kernel.syscall(_CREATE, ctypes.byref(ruleset), size, 0)
    try:
        for path in (*READABLE, *PYTHON):
            _allow(rules, path, _READING & rights)
        for path in DEVICES:
            _allow(rules, path, (_READ_FILE | _WRITE_FILE) & rights)
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


def _allow(rules: int, path: str, rights: int) -> None:
    try:
        folder = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return  # not on this system: nothing to allow
    try:
        if not Path(path).is_dir():
            rights &= _OF_FILES
        rule = _PathBeneath(rights, folder)
        kernel.syscall(_ADD, rules, _PATH_BENEATH, ctypes.byref(rule), 0)
    finally:
        os.close(folder)
