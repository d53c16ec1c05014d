"""Namespaces: a box sees no other process, no network and a file system it cannot write to.

In two steps. The keeper enters the namespaces that have to exist before the fork; the box, first process of its own
process namespace, then makes the whole tree read-only and puts a small memory file system over its scratch folder.
"""

import contextlib
import ctypes
import os
from pathlib import Path

from archwright.sandbox import kernel

_NEW_USER, _NEW_PID, _NEW_NET = 0x10000000, 0x20000000, 0x40000000
_NEW_MOUNT, _NEW_IPC, _NEW_UTS = 0x00020000, 0x08000000, 0x04000000
_MS_REC, _MS_PRIVATE = 0x4000, 0x40000
_MS_NOSUID, _MS_NODEV, _MS_NOEXEC = 0x2, 0x4, 0x8
_MOUNT_SETATTR = 442
_AT_RECURSIVE = 0x8000
_AT_FDCWD = -100
_RDONLY = 0x1

SCRATCH_BYTES = 32 * 2**20
SCRATCH_FILES = 1_000


class _Attributes(ctypes.Structure):
    _fields_ = (
        ("set", ctypes.c_uint64),
        ("clear", ctypes.c_uint64),
        ("propagation", ctypes.c_uint64),
        ("namespace", ctypes.c_uint64),
    )


def are_available() -> bool:
    """Return whether `enter` works here, by trying it in a child; some systems refuse only half-way."""
    pid = os.fork()
    if pid == 0:
        try:
            os._exit(0 if enter() else 1)
        except OSError:
            os._exit(1)
    _, status = os.waitpid(pid, 0)
    return status == 0


def enter() -> bool:
    """Move this process to new user, network, IPC and host-name namespaces, and its children to a new process one.

    False where the system refuses, the process is then as before; raises OSError where it refuses half-way.
    """
    user, group = os.getuid(), os.getgid()
    others = _NEW_PID | _NEW_NET | _NEW_IPC | _NEW_UTS
    if not kernel.unshare(_NEW_USER | others):
        return user == 0 and kernel.unshare(others)
    Path("/proc/self/setgroups").write_text("deny", "ascii")
    Path("/proc/self/uid_map").write_text(f"{user} {user} 1", "ascii")
    Path("/proc/self/gid_map").write_text(f"{group} {group} 1", "ascii")
    return True


def make_tree_read_only(scratch: str, *, but_proc: bool = False) -> None:
    """Make every mount read-only but a new memory file system at `scratch`, and `/proc` if asked; raises OSError.

    Needs `enter` before the fork. Mounts `/proc` anew where the system allows it.
    """
    if os.getpid() != 1:
        raise OSError("not in a process namespace of its own")
    if not kernel.unshare(_NEW_MOUNT):
        raise OSError("a mount namespace was refused")
    kernel.mount("none", "/", None, _MS_REC | _MS_PRIVATE)
    with contextlib.suppress(OSError):  # containers that mask parts of /proc refuse; Landlock leaves only /proc/self
        kernel.mount("proc", "/proc", "proc", _MS_NOSUID | _MS_NODEV | _MS_NOEXEC)
    attributes = _Attributes(set=_RDONLY)
    kernel.syscall(_MOUNT_SETATTR, _AT_FDCWD, b"/", _AT_RECURSIVE, ctypes.byref(attributes), ctypes.sizeof(attributes))
    if but_proc:
        cleared = _Attributes(clear=_RDONLY)
        kernel.syscall(_MOUNT_SETATTR, _AT_FDCWD, b"/proc", 0, ctypes.byref(cleared), ctypes.sizeof(cleared))
    options = f"size={SCRATCH_BYTES},nr_inodes={SCRATCH_FILES},mode=700"
    kernel.mount("scratch", scratch, "tmpfs", _MS_NOSUID | _MS_NODEV | _MS_NOEXEC, options)
    os.chdir(scratch)
