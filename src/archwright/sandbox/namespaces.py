"""Namespaces: a box sees no other process, no network and of the file system only what Python needs.

In two steps. The keeper enters the namespaces that have to exist before the fork; the box, first process of its own
process namespace, then moves to a root in which nothing is but what it may read, read-only, and a small memory file
system as its scratch folder. With a GPU the whole tree stays in sight, read-only: what the driver looks for is not
known.
"""

import contextlib
import ctypes
import os
from pathlib import Path

from archwright.sandbox import kernel
from archwright.sandbox.scratch import MOST_BYTES, MOST_FILES
from archwright.sandbox.visible import DEVICES, SETTINGS, Visible

_NEW_USER, _NEW_PID, _NEW_NET = 0x10000000, 0x20000000, 0x40000000
_NEW_MOUNT, _NEW_IPC, _NEW_UTS = 0x00020000, 0x08000000, 0x04000000
_MS_BIND, _MS_REC, _MS_PRIVATE = 0x1000, 0x4000, 0x40000
_MS_NOSUID, _MS_NODEV, _MS_NOEXEC = 0x2, 0x4, 0x8
_MOUNT_SETATTR = 442
_AT_RECURSIVE = 0x8000
_AT_FDCWD = -100
_RDONLY = 0x1


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


def show_only(visible: Visible, scratch: str) -> None:
    """Move to a root with nothing in it but `visible`, devices and `/proc`, read-only, and `scratch`; raises OSError.

    Needs `enter` before the fork. Mounts `/proc` anew where the system allows it.
    """
    _own_mounts()
    kernel.mount("root", scratch, "tmpfs", _MS_NOSUID | _MS_NODEV, "mode=755")
    root = Path(scratch)
    for path in visible.folders:
        _show(root, path)
    for path in map(Path, (*DEVICES, *SETTINGS)):
        if path.exists():
            _show(root, path)
    _place(root, Path("/proc")).mkdir()
    try:
        kernel.mount("proc", f"{root}/proc", "proc", _MS_NOSUID | _MS_NODEV | _MS_NOEXEC)
    except OSError:  # containers that mask parts of it refuse; Landlock leaves only /proc/self
        kernel.mount("/proc", f"{root}/proc", None, _MS_BIND | _MS_REC)
    for path in visible.hidden:
        _cover(Path(f"{root}{path}"))
    inner = _place(root, Path(scratch))
    inner.mkdir(exist_ok=True)
    _make_read_only(scratch)
    _mount_scratch(str(inner))
    kernel.enter_root(scratch)
    os.chdir(scratch)


def make_tree_read_only(scratch: str) -> None:
    """Make every mount read-only but `/proc` and a new memory file system at `scratch`; raises OSError.

    Needs `enter` before the fork. Mounts `/proc` anew where the system allows it.
    """
    _own_mounts()
    with contextlib.suppress(OSError):  # containers that mask parts of /proc refuse; Landlock leaves only /proc/self
        kernel.mount("proc", "/proc", "proc", _MS_NOSUID | _MS_NODEV | _MS_NOEXEC)
    _make_read_only("/")
    cleared = _Attributes(clear=_RDONLY)  # the driver names its threads there
    kernel.syscall(_MOUNT_SETATTR, _AT_FDCWD, b"/proc", 0, ctypes.byref(cleared), ctypes.sizeof(cleared))
    _mount_scratch(scratch)
    os.chdir(scratch)


def _own_mounts() -> None:
    if os.getpid() != 1:
        raise OSError("not in a process namespace of its own")
    if not kernel.unshare(_NEW_MOUNT):
        raise OSError("a mount namespace was refused")
    kernel.mount("none", "/", None, _MS_REC | _MS_PRIVATE)


def _make_read_only(folder: str) -> None:
    """Let nothing be written below `folder`, times of access included."""
    attributes, size = _Attributes(set=_RDONLY), ctypes.sizeof(_Attributes)
    kernel.syscall(_MOUNT_SETATTR, _AT_FDCWD, folder.encode(), _AT_RECURSIVE, ctypes.byref(attributes), size)


def _mount_scratch(folder: str) -> None:
    options = f"size={MOST_BYTES},nr_inodes={MOST_FILES},mode=700"
    kernel.mount("scratch", folder, "tmpfs", _MS_NOSUID | _MS_NODEV | _MS_NOEXEC, options)


def _show(root: Path, path: Path) -> None:
    """Bind `path` to its place in the new `root`, with the symbolic links on the way to it."""
    for name in reversed((path, *path.parents)):
        if name.is_symlink():
            place, target = _place(root, name), name.readlink()
            if not place.is_symlink():
                place.symlink_to(target)
            _show(root, name.parent / target / path.relative_to(name))
            return
    place = _place(root, Path(os.path.normpath(path)))
    if place.exists():
        return  # below what is there already
    if path.is_dir():
        place.mkdir()
    else:
        place.touch()
    kernel.mount(str(path), str(place), None, _MS_BIND | _MS_REC)


def _cover(place: Path) -> None:
    """Hide what is at `place`; a package is still there to import, but refused, as where only Landlock hides it."""
    if place.is_dir():
        kernel.mount("hidden", str(place), "tmpfs", _MS_NOSUID | _MS_NODEV | _MS_NOEXEC, "nr_inodes=2,mode=755")
        (place / "__init__.py").touch(0)
    elif place.exists():
        kernel.mount(os.devnull, str(place), None, _MS_BIND)


def _place(root: Path, path: Path) -> Path:
    """Return where `path` is in the new `root`, in a folder that exists."""
    place = Path(f"{root}{path}")
    place.parent.mkdir(parents=True, exist_ok=True)
    return place
