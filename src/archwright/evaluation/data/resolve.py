"""Finds a data set by name or path: ARCHWRIGHT_DATA, then our cache, then the system's packages, then the network."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from archwright.errors import DataError
from archwright.evaluation.data import digits, folders, tables
from archwright.evaluation.data.catalog import Entry, find_entry, known_names
from archwright.evaluation.data.download import OnDownloaded, download
from archwright.evaluation.data.foreign import foreign_form
from archwright.evaluation.data.formats import recognise
from archwright.evaluation.data.sources import Source, listed
from archwright.evaluation.data.storage import cache_folder, data_roots
from archwright.evaluation.data.tree import files_in, folders_in, is_table
from archwright.evaluation.data.unpack import archives_in, is_archive, title_of, unpacked
from archwright.evaluation.data.words import SplitWord, split_word
from archwright.task import Task


@dataclass(frozen=True, slots=True)
class FoundData:
    """A data set that is on this machine."""

    source: Source
    entry: Entry | None
    """None for a path."""
    origin: str
    """Where it was found, in words."""
    archive: Path | None = None
    """What it was unpacked from: an archive, or a folder of them."""
    unpacked: Path | None = None
    """Where to."""

    @property
    def name(self) -> str:
        """What a data set without an entry is called."""
        return title_of(self.archive) if self.archive else self.source.root.absolute().name

    def in_words(self, text: str) -> str:
        """Return `text` with the archive's name for the folder in the cache where it was unpacked."""
        return text if self.unpacked is None else text.replace(str(self.unpacked), str(self.archive))

    @contextmanager
    def naming(self) -> Iterator[None]:
        """Have errors in the body name the archive."""
        try:
            yield
        except DataError as error:
            raise DataError(self.in_words(error.what), self.in_words(error.remedy)) from None


ARCHIVE = "archive"
"""The format of a source that is still packed."""


def resolve(task: Task, on_progress: OnDownloaded | None = None) -> FoundData:
    """Return the data set of `task`, downloading a known one into the cache when it is nowhere on this machine.

    ARCHWRIGHT_DATA_URL names a mirror to download from instead of the published places; it has one folder per data set.
    Raises UnknownNameError for a name that is neither known nor a path, and DataError, saying what to put where, when
    the data set cannot be had.
    """
    if task.is_path and task.name not in known_names():
        return _at_path(Path(task.name).expanduser())
    entry = find_entry(task.name)
    return _unpack(find_known(entry) or _download(entry, on_progress))


def find_known(entry: Entry) -> FoundData | None:
    """Return the known data set if it is on this machine, perhaps still packed; reads no data and asks no network."""
    if entry.name == "digits":
        source = digits.installed()
        return FoundData(source, entry, "scikit-learn") if source else None
    for path, origin in _places(entry):
        for source in [*recognise(path), *_packed(path)]:
            if source.test:
                return FoundData(source, entry, f"{origin}: {source.root}")
    return None


def _packed(path: Path) -> list[Source]:
    """Return the archive at `path`, or those in a folder: as one where they belong together."""
    if path.is_dir():
        files = archives_in(path)
        has_splits = len(files) > 1 and any(split_word(title_of(file)) is SplitWord.TRAIN for file in files)
        if has_splits or (files and any(map(is_table, files_in(path)))):
            files = [path]
    else:
        files = [path] if is_archive(path) else []
    return [Source(ARCHIVE, file, (file,), (file,)) for file in files]


def _unpack(found: FoundData, nested: int = 1) -> FoundData:
    """Return `found` with its archive, where it is one, unpacked and recognised; archives may be `nested` in it."""
    if found.source.format != ARCHIVE:
        return found
    folder = unpacked(found.source.root)
    packed = replace(found, archive=found.archive or found.source.root, unpacked=folder)
    with packed.naming():
        sources = recognise(folder)
        if not sources and nested:
            inside = folder
            while len(folders_in(inside)) == 1 and not archives_in(inside):
                (inside,) = folders_in(inside)
            if len(inner := _packed(inside)) == 1:
                return _unpack(replace(packed, source=inner[0]), nested - 1)
        if len(sources) != 1 or (found.entry is not None and not sources[0].test):
            raise _unknown(folder, sources)
    return replace(packed, source=_noted(sources[0], folder))


def what_to_put_where(entry: Entry) -> str:
    """Return which files make the data set available, and the folder they belong in."""
    if entry.name == "digits":
        return f"pip install scikit-learn, which carries {entry.name}"
    folder = data_roots()[0][0] / (entry.folders or (entry.name,))[0]
    if not entry.files:
        return f"put it into {folder}, in a form of docs/how-to/data.md"
    return f"put {', '.join(file.name for file in entry.files)} (or train.parquet and test.parquet) into {folder}"


def _places(entry: Entry) -> Iterator[tuple[Path, str]]:
    """Yield the paths that exist and may hold the data set, in the order they count, and whose they are."""
    places = [(root / name, origin) for root, origin in data_roots() for name in entry.folders]
    places += [(folder, "system package") for folder in entry.system_folders]
    return ((path, origin) for path, origin in places if path.exists())


def _download(entry: Entry, on_progress: OnDownloaded | None) -> FoundData:
    folder = cache_folder() / entry.name
    mirror = os.environ.get("ARCHWRIGHT_DATA_URL")
    mirrors = [f"{mirror.rstrip('/')}/{entry.name}/"] if mirror else None
    try:
        for file in entry.files:
            download(file, folder, mirrors, on_progress)
    except DataError as error:
        incomplete = [str(source.root) for path, _ in _places(entry) for source in recognise(path) if not source.test]
        note = f"; {incomplete[0]} has no test split" if incomplete else ""
        raise DataError(
            f"the data set {entry.name} is not on this machine{note}, and {error.what}", what_to_put_where(entry)
        ) from None
    found = find_known(entry)
    if found is None:
        raise DataError(f"{folder} does not hold {entry.name}", what_to_put_where(entry))
    return found


def _at_path(path: Path) -> FoundData:
    if not path.exists():
        raise DataError(
            f"there is no data set at {path}", f"give an existing path or one of: {', '.join(known_names())}"
        )
    sources = recognise(path) or _packed(path)
    if len(sources) != 1:
        raise _unknown(path, sources)
    return _unpack(FoundData(_noted(sources[0], path), None, str(path)))


def _noted(source: Source, path: Path) -> Source:
    """Return a data set with what lies beside its class folders and would have split them."""
    if source.format != folders.FORMAT.name or source.test or not (lists := tables.unread_splits(path)):
        return source
    note = f"{listed(lists, 4)} may say which images are for the test; that is not read: a fifth of all is"
    return replace(source, notes=(*source.notes, note))


def _unknown(path: Path, sources: list[Source]) -> DataError:
    if len(sources) > 1:
        names = ", ".join(str(source.root) for source in sources)
        if sources[0].format == ARCHIVE:
            return DataError(
                f"{path} holds several archives: {names}", "name one of them, or unpack there what belongs together"
            )
        return DataError(f"{path} holds several data sets", f"name one of: {names}")
    reason = tables.explain(path) or (folders.explain(path) if path.is_dir() else None)
    if reason is None and (form := foreign_form(path)):
        return DataError(f"{path} is not in a form we read ({form.reason})", form.remedy)
    if not (any(path.iterdir()) if path.is_dir() else path.stat().st_size):
        return DataError(f"{path} is empty", "copy or download the data again")
    hint = tables.unread_list(path) if reason else None
    return DataError(
        f"{path} is not in a form we read{f' ({reason})' if reason else ''}",
        hint
        or "give parquet files, an original CIFAR archive, IDX files, .npz arrays, a CSV file of image files and "
        "classes, or a folder with one folder of images per class, packed as .zip or .tar or not",
    )
