"""Control groups (cgroup v2): where the system delegates one, the kernel itself limits the memory of a box.

It counts what no watch from outside sees in time: page tables, socket buffers and whatever else the kernel keeps for
the box. Elsewhere the keeper's watch and the resource limits hold; `archwright doctor` says which of the two it is.
"""

import contextlib
import os
import tempfile
import time
from pathlib import Path

ROOT = Path("/sys/fs/cgroup")
PREFIX = "archwright-"
REMOVE_S = 1.0
"""How long the kernel may take to let go of a group whose processes are killed."""

own_place: Path | None = None


def find_place(root: Path = ROOT, own: Path = Path("/proc/self/cgroup")) -> Path | None:
    """Return the folder in which groups with a memory limit can be made, and keep it for `Group.make`; else None.

    That is our own group where its children have the memory controller, else the one above it. Groups that killed
    keepers have left there are removed: the kernel refuses that for any that is in use.
    """
    global own_place
    own_place = None
    with contextlib.suppress(OSError):
        paths = [line.removeprefix("0::/") for line in own.read_text("ascii").splitlines() if line.startswith("0::/")]
        mine = root / paths[0] if paths else root
        for place in (mine, mine.parent) if mine != root else (mine,):
            if _can_make_groups(place):
                for left in place.glob(f"{PREFIX}*"):
                    with contextlib.suppress(OSError):
                        left.rmdir()
                own_place = place
                break
    return own_place


def _can_make_groups(place: Path) -> bool:
    try:
        if "memory" not in (place / "cgroup.subtree_control").read_text("ascii").split():
            return False
        probe = Path(tempfile.mkdtemp(prefix=PREFIX, dir=place))
        probe.rmdir()
        return os.access(place / "cgroup.procs", os.W_OK)
    except OSError:
        return False


class Group:
    """The group of one box."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @classmethod
    def make(cls) -> "Group | None":
        """Return a new group without limits, None where groups cannot be made."""
        try:
            return None if own_place is None else cls(Path(tempfile.mkdtemp(prefix=PREFIX, dir=own_place)))
        except OSError:
            return None

    def add(self, pid: int) -> None:
        """Put a process and whatever it will fork into the group; raises OSError."""
        self._write("cgroup.procs", pid)

    def limit(self, memory_bytes: int, tasks: int) -> None:
        """Have the kernel kill the whole group beyond `memory_bytes`, and refuse it more than `tasks` threads.

        Raises OSError when the memory cannot be limited.
        """
        self._write("memory.max", memory_bytes)
        for name, value in (("memory.swap.max", 0), ("memory.oom.group", 1), ("pids.max", tasks)):
            with contextlib.suppress(OSError):  # not in every kernel, and not always delegated
                self._write(name, value)

    def has_run_out(self) -> bool:
        """Return whether the kernel has killed a process of the group for lack of memory."""
        with contextlib.suppress(OSError):
            lines = (self.folder / "memory.events").read_text("ascii").splitlines()
            return any(name == "oom_kill" and int(count) > 0 for name, count in map(str.split, lines))
        return False

    def remove(self) -> None:
        """Remove the group, whose processes have been killed."""
        deadline_s = time.monotonic() + REMOVE_S
        while time.monotonic() < deadline_s:
            try:
                self.folder.rmdir()
            except FileNotFoundError:
                return
            except OSError:
                time.sleep(0.005)
            else:
                return

    def _write(self, name: str, value: int) -> None:
        (self.folder / name).write_text(str(value), "ascii")
