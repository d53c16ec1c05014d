"""Becomes another kind of machine as far as permissions go, then runs a script: `elsewhere.py KINDS SCRIPT`.

KINDS, separated by commas: `user` (uid 65534 without capabilities; only root can become it), `container` (Docker's
default: root, but few capabilities, and no mounts, name spaces or keys), `no-namespaces`, `no-landlock`, `gvisor`
(no Landlock, no descriptors of processes, no new calls for mounts).
"""

import ctypes
import os
import platform
import runpy
import struct
import sys
from collections.abc import Iterable
from pathlib import Path

NOBODY = 65_534
KEPT_BY_DOCKER = (0, 1, 3, 4, 5, 6, 7, 8, 10, 13, 18, 27, 29, 31)
"""chown dac_override fowner fsetid kill setgid setuid setpcap net_bind_service net_raw sys_chroot mknod ..."""
IS_X86 = platform.machine() == "x86_64"
CALLS = {
    "container": (1, [(272, 97), (308, 268), (165, 40), (166, 39), (155, 41), (442, 442), (250, 219), (321, 280)]),
    "no-namespaces": (1, [(272, 97)]),
    "no-landlock": (38, [(444, 444), (445, 445), (446, 446)]),
    "gvisor": (38, [(434, 434), (442, 442), (444, 444), (445, 445), (446, 446)]),
}
"""What is refused: the error, and each call's number on x86-64 and on arm64."""
libc = ctypes.CDLL(None, use_errno=True)


def check(result: int) -> None:
    """Raise what the last call left behind when it failed."""
    if result < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


def refuse(error: int, calls: list[tuple[int, int]]) -> None:
    """Make system calls fail from now on, for this process and its children."""
    steps = [struct.pack("<HBBI", 0x20, 0, 0, 0)]
    for on_x86, on_arm in calls:
        steps.append(struct.pack("<HBBI", 0x15, 0, 1, on_x86 if IS_X86 else on_arm))
        steps.append(struct.pack("<HBBI", 0x06, 0, 0, 0x50000 | error))
    code = b"".join([*steps, struct.pack("<HBBI", 0x06, 0, 0, 0x7FFF0000)])
    buffer = ctypes.create_string_buffer(code, len(code))
    program = ctypes.create_string_buffer(struct.pack("<H6xQ", len(code) // 8, ctypes.addressof(buffer)), 16)
    libc.prctl(38, 1, 0, 0, 0)  # no new privileges, which ordinary users need for a filter
    check(libc.prctl(22, 2, ctypes.c_ulong(ctypes.addressof(program)), 0, 0))


def drop_capabilities(kept: tuple[int, ...]) -> None:
    """Keep only some capabilities, of root's."""
    for number in range(64):
        if number not in kept:
            libc.prctl(24, number, 0, 0, 0)
    mask = sum(1 << number for number in kept)
    header = ctypes.create_string_buffer(struct.pack("<Ii", 0x20080522, 0), 8)
    halves = [mask & 0xFFFFFFFF, mask >> 32]
    data = b"".join(struct.pack("<III", half, half, 0) for half in halves)
    check(libc.syscall(126 if IS_X86 else 91, header, ctypes.create_string_buffer(data, 24)))


def make_reachable(paths: Iterable[Path]) -> None:
    """Let everybody reach the folders `paths`, in this process's view only: a folder in the way gives way to a new one.

    All are held open before the first gives way, since several can lie in it.
    """
    held = {path: os.open(path, os.O_PATH) for path in paths}
    for path, inside in held.items():
        for folder in reversed(path.parents):
            if folder.exists() and not folder.stat().st_mode & 1:
                check(libc.mount(b"none", str(folder).encode(), b"tmpfs", 0, b"mode=755"))
        if not path.exists():
            path.mkdir(parents=True)
            check(libc.mount(f"/proc/self/fd/{inside}".encode(), str(path).encode(), None, 0x5000, None))
        os.close(inside)


def become_a_user() -> None:
    """Become an ordinary user who can read what Python needs."""
    check(libc.unshare(0x20000))
    check(libc.mount(b"none", b"/", None, 0x44000, None))
    needed = {Path(name).resolve() for name in (sys.base_prefix, sys.prefix, *sys.path) if name}
    make_reachable(path for path in sorted(needed) if path.is_dir() and needed.isdisjoint(path.parents))
    os.setgroups([])
    os.setresgid(NOBODY, NOBODY, NOBODY)
    os.setresuid(NOBODY, NOBODY, NOBODY)


def main() -> None:
    """Change, then run the script."""
    kinds = sys.argv[1].split(",")
    if "user" in kinds:
        become_a_user()
    if "container" in kinds and "user" not in kinds:
        drop_capabilities(KEPT_BY_DOCKER)
    for kind, (error, calls) in CALLS.items():
        if kind in kinds:
            refuse(error, calls)
    sys.argv = sys.argv[2:]
    runpy.run_path(sys.argv[0], run_name="__main__")


if __name__ == "__main__":
    main()
