"""What of the file system a box may read: Python, its packages and shared libraries; nothing that holds labels.

Landlock allows it, and where namespaces are allowed nothing else is there at all. No folder above a hidden path is ever
allowed as a whole.
"""

import os
import site
import sys
import sysconfig
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

DEVICES = ("/dev/null", "/dev/zero", "/dev/random", "/dev/urandom")
"""Only the first is writable: mapping /dev/zero shared and writable makes memory that no limit counts."""
SETTINGS = ("/etc/ld.so.cache", *(f"/sys/devices/system/cpu/{name}" for name in ("online", "possible", "present")))
"""Not the rest of that folder: how long each processor has idled tells what other boxes do."""
PROCESS = tuple(
    f"/proc/self/{name}" for name in ("status", "statm", "maps", "mem", "limits", "comm", "cmdline", "environ", "fd")
)
"""Not what tells which pages other boxes use as well (smaps, pagemap) or have had read from disk (stat, io), nor what
the whole machine does with its network, some of which is told in every network namespace (net)."""
_LIBRARIES = ("/lib", "/usr/lib", "/usr/local/lib", "/lib64", "/usr/lib64")
_PACKAGES = ("site-packages", "dist-packages")
_HIDDEN = ("sklearn",)
"""Packages that carry data sets with their labels; our trusted side reads them and no network has a use for them."""
_DATA = ("digits", "mnist", "cifar", "idx1-ubyte")
_DATA_ENDINGS = (".csv", ".gz", ".npz", ".npy", ".mat", ".pkl", ".pt", ".parquet", ".arff", ".data", ".zip", "-ubyte")


@dataclass(frozen=True, slots=True)
class Visible:
    """What a box may read."""

    folders: tuple[Path, ...]
    """Of Python and libraries, as they are called and none below another; some may be symbolic links."""
    hidden: frozenset[Path]
    """Folders and files below them that it may not read."""

    def readable(self) -> Iterator[tuple[str, bool]]:
        """Yield paths and whether their content may be read; a folder with something hidden below it is only listed.

        What is without content needs no hiding: the third level has put something empty over it.
        """
        hidden = {path for path in self.hidden if _holds_something(path)}
        above = {folder for path in hidden for folder in path.parents}
        waiting = [folder.resolve() for folder in self.folders]
        while waiting:
            path = waiting.pop()
            if path in hidden:
                continue
            yield str(path), path not in above
            if path in above:  # a link is judged by where it leads
                waiting += [entry for entry in path.iterdir() if not entry.is_symlink()]


def _holds_something(path: Path) -> bool:
    entries = path.iterdir() if path.is_dir() else [path] if path.exists() else []
    return any(entry.is_dir() or entry.lstat().st_size > 0 for entry in entries)


@cache
def find_visible() -> Visible:
    """Return what is to be seen on this machine; takes a fraction of a second, once, before any fork."""
    paths = {name: Path(sysconfig.get_path(name)) for name in ("stdlib", "platstdlib", "purelib", "platlib")}
    prefixes = [Path(prefix, name) for prefix in (sys.prefix, sys.base_prefix) for name in ("lib", "lib64")]
    packages = [
        path for path in map(Path, site.getsitepackages([sys.prefix, sys.base_prefix])) if str(path) in sys.path
    ]
    packages += [paths["purelib"], paths["platlib"]]
    packages += [path for path in map(Path, sys.path) if path.name in _PACKAGES]  # of a `.pth` file, or the user's
    ours = Path(__file__).resolve().parents[1]
    folders = _without_inner([*_libraries(), *prefixes, *paths.values(), *packages, ours])
    return Visible(
        folders,
        frozenset(find_hidden({folder.resolve() for folder in folders}, {path.resolve() for path in packages})),
    )


def _libraries() -> Iterator[Path]:
    """Yield where shared libraries are; Debian has them in a folder of their own."""
    architecture = str(sysconfig.get_config_var("MULTIARCH") or "")
    for folder in map(Path, _LIBRARIES):
        inner = folder / architecture
        yield inner if architecture and inner.is_dir() else folder


def _without_inner(folders: Iterable[Path]) -> tuple[Path, ...]:
    """Return those that exist and are not below another one."""
    existing = {folder.resolve(): folder for folder in folders if folder.is_dir()}
    links = {folder for folder in folders if folder.is_dir()} - set(existing.values())
    outer = [name for path, name in existing.items() if not any(parent in existing for parent in path.parents)]
    return (*outer, *links)


def find_hidden(folders: Iterable[Path], packages: set[Path]) -> Iterator[Path]:
    """Yield what holds labels, and packages of other Pythons, wherever in `folders` they are."""
    waiting = [str(folder) for folder in folders]
    while waiting:
        try:
            entries = list(os.scandir(waiting.pop()))
        except OSError:
            continue  # a box will not read it either
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                path = Path(entry.path)
                if entry.name in _HIDDEN or (entry.name in _PACKAGES and path not in packages):
                    yield path
                else:
                    waiting.append(entry.path)
            elif entry.name.endswith(_DATA_ENDINGS) and any(word in entry.name.lower() for word in _DATA):
                yield Path(entry.path)
