"""The log of a search: every batch before it is measured and every answer as it comes, only ever appended to."""

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from archwright.archive.lock import StudyLock
from archwright.cells.cell import Cell
from archwright.errors import StorageError, StudyDamagedError, StudyError

Header = Mapping[str, str | int | float | None]


@dataclass(slots=True)
class LoggedBatch:
    """The cells a strategy asked for at once and the answers there are, in the same order."""

    cells: list[Cell]
    accuracies: list[float | None]


class SearchLog:
    """JSON lines in a file that one process holds: the header, then `ask` and `accuracy` in turn.

    A killed process leaves at most half a line, which is dropped when the file is opened again.
    """

    def __init__(self, path: Path, header: Header) -> None:
        """Open or create the log of the search that `header` describes.

        Raises StudyError when the file is another search's, StudyBusyError when another process holds it,
        StudyDamagedError when it cannot be read, and StorageError.
        """
        self._path = path
        self.batches: list[LoggedBatch] = []
        """What the file held when it was opened."""
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._lock = StudyLock(path.with_suffix(".lock"))
            try:
                self._open(header)
            except BaseException:
                self._lock.release()
                raise
        except OSError as error:
            raise _unwritable(path, error) from None

    def ask(self, cells: Sequence[Cell]) -> None:
        """Append a batch; raises StorageError."""
        self._append({"ask": [[list(cell.operations), sorted(map(list, cell.edges))] for cell in cells]})

    def tell(self, accuracy: float | None) -> None:
        """Append the answer to the next cell of the latest batch; raises StorageError."""
        self._append({"accuracy": accuracy})

    def close(self) -> None:
        """Give the file back."""
        self._file.close()
        self._lock.release()

    def _open(self, header: Header) -> None:
        self._lock.sign()
        text = self._path.read_bytes() if self._path.exists() else b""
        whole = text[: text.rfind(b"\n") + 1]
        self._read(whole.decode(errors="replace").splitlines(), header)
        self._file = self._path.open("r+b" if self._path.exists() else "x+b")
        self._file.truncate(len(whole))
        self._file.seek(len(whole))
        if not whole:
            self._write(dict(header))

    def _read(self, lines: list[str], header: Header) -> None:
        try:
            documents = [json.loads(line) for line in lines]
            if documents and documents[0] != header:
                raise _another(self._path, documents[0], header)
            for document in documents[1:]:
                if "ask" in document:
                    self.batches.append(LoggedBatch([_cell(*parts) for parts in document["ask"]], []))
                else:
                    self.batches[-1].accuracies.append(document["accuracy"])
        except (ValueError, LookupError, TypeError) as error:
            raise StudyDamagedError(
                f"{self._path} is not the log of a search: {error}", "begin again in another folder"
            ) from None

    def _append(self, document: object) -> None:
        try:
            self._write(document)
        except OSError as error:
            raise _unwritable(self._path, error) from None

    def _write(self, document: object) -> None:
        self._file.write(json.dumps(document, separators=(",", ":")).encode() + b"\n")
        self._file.flush()


def _cell(operations: Sequence[str], edges: Sequence[tuple[int, int]]) -> Cell:
    return Cell(frozenset((start, end) for start, end in edges), tuple(operations))


def _another(path: Path, found: Mapping[str, object], asked: Header) -> StudyError:
    names = [name for name in {**found, **asked} if found.get(name) != asked.get(name)]
    said = ", ".join(f"{name} {found.get(name)}, not {asked.get(name)}" for name in names)
    return StudyError(f"{path} is the log of another search: {said}", "choose another folder, or search as before")


def _unwritable(path: Path, error: OSError) -> StorageError:
    reason = os.strerror(error.errno) if error.errno else str(error)
    return StorageError(f"{path} cannot be written: {reason}", "free some space, or choose another folder")
