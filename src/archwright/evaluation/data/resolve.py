"""Finds a data set by name or path: ARCHWRIGHT_DATA, then our cache, then the system's packages, then the network."""

import os
from dataclasses import dataclass
from pathlib import Path

from archwright.errors import DataError, UnknownNameError
from archwright.evaluation.data import digits
from archwright.evaluation.data.cache import cache_folder
from archwright.evaluation.data.catalog import CATALOG, Entry
from archwright.evaluation.data.formats import recognise
from archwright.evaluation.data.sources import Source
from archwright.task import Task


@dataclass(frozen=True, slots=True)
class Found:
    """A data set that is on this machine."""

    source: Source
    entry: Entry | None
    """None for a path."""
    origin: str
    """Where it was found, in words."""


def resolve(task: Task) -> Found:
    """Return the data set of `task`, downloading it when it is nowhere on this machine.

    Raises UnknownNameError for a name that is neither known nor a path, and DataError, saying what to put where, when
    the data set cannot be had.
    """
    entry = CATALOG.get(task.name)
    if entry is not None:
        found = find_known(entry)
        if found is None:
            raise DataError(f"the data set {entry.name} is not on this machine", what_to_put_where(entry))
        return found
    if not task.is_path:
        raise UnknownNameError.of("task", task.name, CATALOG)
    path = Path(task.name).expanduser()
    if not path.exists():
        raise DataError(
            f"there is no data set at {path}", f"give an existing path or one of: {', '.join(sorted(CATALOG))}"
        )
    source = recognise(path)
    if source is None:
        raise DataError(
            f"{path} is not in a form we read",
            "give parquet files, an original CIFAR archive, IDX files or a folder with one folder of images per class",
        )
    return Found(source, None, str(path))


def find_known(entry: Entry) -> Found | None:
    """Return the known data set if it is on this machine; reads no data and asks no network."""
    if entry.name == "digits":
        source = digits.installed()
        return Found(source, entry, "scikit-learn") if source else None
    roots = []
    if data := os.environ.get("ARCHWRIGHT_DATA"):
        roots.append((Path(data).expanduser(), "ARCHWRIGHT_DATA"))
    roots.append((cache_folder(), "cache"))
    places = [(root / name, origin) for root, origin in roots for name in entry.folders]
    places += [(folder, "system package") for folder in entry.system_folders]
    for path, origin in places:
        source = recognise(path) if path.exists() else None
        if source is not None and source.test:
            return Found(source, entry, f"{origin}: {path}")
    return None


def what_to_put_where(entry: Entry) -> str:
    """Return which files make the data set available, and the folder they belong in."""
    root = os.environ.get("ARCHWRIGHT_DATA")
    folder = Path(root).expanduser() / entry.name if root else cache_folder() / entry.name
    names = ", ".join(file.name for file in entry.files)
    return f"put {names} (or train.parquet and test.parquet) into {folder}"
