"""Known programs on disk: one SQLite file with the sketches of each under both criteria, updated in place."""

import json
import sqlite3
from collections.abc import Iterable
from pathlib import Path
from typing import Self

import numpy as np

from archwright.candidate import Program
from archwright.config import NoveltyConfig
from archwright.errors import DataError, StorageError, UsageError
from archwright.foreign_database import fault_in
from archwright.novelty.index import NoveltyFilter, ShingleIndex, Verdict
from archwright.novelty.sketches import CRITERIA, sketch_all
from archwright.novelty.tokens import Shingles
from archwright.resumable import BUSY_S, DISK_REMEDY, is_of_the_disk

LAYOUT = 3
"""Raised whenever the tables or the hashing change."""

_TABLES = """
CREATE TABLE about (key TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE programs (number INTEGER PRIMARY KEY, name TEXT NOT NULL, digest TEXT NOT NULL UNIQUE);
CREATE TABLE sketches (
    id INTEGER PRIMARY KEY, criterion TEXT NOT NULL, number INTEGER NOT NULL REFERENCES programs,
    signature BLOB NOT NULL, shingles BLOB NOT NULL, UNIQUE (criterion, number)
);
"""


class _StoredSets:
    """The shingles of one criterion, read one at a time."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.connection = connection
        self.ids: list[int] = []

    def read(self, number: int) -> Shingles:
        """Return the set that was taken into memory as the `number`-th."""
        row = self.connection.execute("SELECT shingles FROM sketches WHERE id = ?", (self.ids[number],)).fetchone()
        return np.frombuffer(row[0], np.uint64)


class NoveltyStore:
    """The index in one file; build it with `open`, use it in a `with` statement.

    Signatures are held in memory (1 KB a program and criterion at 256 permutations); shingles stay on disk and are read
    for the few programs that are compared exactly.
    """

    def __init__(self, connection: sqlite3.Connection, config: NoveltyConfig, path: Path) -> None:
        self.connection = connection
        self._path = path
        self._config = config
        self._sets = {criterion: _StoredSets(connection) for criterion in CRITERIA}
        self._indices = {
            criterion: ShingleIndex(config.permutations, config.lsh_threshold, read=self._sets[criterion].read)
            for criterion in CRITERIA
        }
        self._filter = NoveltyFilter(config, self._indices)
        self._take(first=0)

    @classmethod
    def open(cls, path: Path, config: NoveltyConfig) -> Self:
        """Return the index at `path`, made new when there is no file.

        Raises UsageError when it was made with other settings, DataError when it is damaged or no index, StorageError
        when it cannot be opened or written.
        """
        settings = {name: getattr(config, name) for name in ("shingle", "permutations", "lsh_threshold")}
        try:
            if fault := fault_in(path):
                raise DataError(f"{path} is not a novelty index: {fault}", "give another file, or remove it")
        except sqlite3.Error:
            pass  # which opening it to write says in its own words
        try:
            connection = sqlite3.connect(path, timeout=BUSY_S, isolation_level=None)
        except sqlite3.Error as error:
            raise StorageError(f"the index {path} cannot be opened: {error}", DISK_REMEDY) from None
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("BEGIN IMMEDIATE")
            if not connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
                for statement in _TABLES.strip().split(";\n"):
                    connection.execute(statement)
                about = {"layout": LAYOUT, "settings": settings}
                connection.executemany(
                    "INSERT INTO about VALUES (?, ?)", [(k, json.dumps(v)) for k, v in about.items()]
                )
            connection.execute("COMMIT")
            found = {key: json.loads(value) for key, value in connection.execute("SELECT key, value FROM about")}
        except (sqlite3.Error, ValueError) as error:
            connection.close()
            if is_of_the_disk(error):
                raise StorageError(f"the index {path} cannot be written: {error}", DISK_REMEDY) from None
            raise DataError(f"{path} is not a novelty index: {error}", "give another file, or remove it") from None
        if found == {"layout": LAYOUT, "settings": settings}:
            return cls(connection, config, path)
        connection.close()
        if found.get("layout") != LAYOUT:
            raise UsageError(
                f"the index {path} has layout {found.get('layout')}, not {LAYOUT}", "add its programs to a new file"
            )
        raise UsageError(f"the index {path} was made with {found.get('settings')}", f"use a new file for {settings}")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Release the file."""
        self.connection.close()

    def __len__(self) -> int:
        return int(self.connection.execute("SELECT count(*) FROM programs").fetchone()[0])

    def judge(self, source: str) -> Verdict:
        """Return how near `source` is to what is known; see `NoveltyFilter.judge`."""
        return self._filter.judge(source)

    def add(self, programs: Iterable[tuple[str, str]]) -> int:
        """Make (name, source) pairs known, all or none, and return how many were new as text.

        Raises StorageError when the disk is full or the file cannot be written.
        """
        fresh = {Program(source).digest: (name, source) for name, source in programs}
        fresh = {digest: entry for digest, entry in fresh.items() if not self._knows(digest)}
        first = len(self)
        sources = [source for _, source in fresh.values()]
        sketches = {criterion: list(sketch_all(sources, criterion, self._config, workers=1)) for criterion in CRITERIA}
        try:
            self.connection.execute("BEGIN IMMEDIATE")
            rows = [(first + number, name, digest) for number, (digest, (name, _)) in enumerate(fresh.items())]
            self.connection.executemany("INSERT INTO programs VALUES (?, ?, ?)", rows)
            for criterion, found in sketches.items():
                self.connection.executemany(
                    "INSERT INTO sketches (criterion, number, signature, shingles) VALUES (?, ?, ?, ?)",
                    (
                        (criterion, first + number, each.signature.tobytes(), each.shingles.tobytes())
                        for number, each in enumerate(found)
                        if each is not None
                    ),
                )
            self.connection.execute("COMMIT")
        except BaseException as error:
            if self.connection.in_transaction:  # SQLite may have ended it, or not have begun it.
                self.connection.execute("ROLLBACK")
            if not isinstance(error, sqlite3.Error):
                raise
            raise StorageError(f"the index {self._path} cannot be written: {error}", DISK_REMEDY) from None
        self._take(first)
        return len(fresh)

    def _knows(self, digest: str) -> bool:
        return bool(self.connection.execute("SELECT 1 FROM programs WHERE digest = ?", (digest,)).fetchone())

    def _take(self, first: int) -> None:
        """Bring the signatures of the programs from number `first` on into memory."""
        query = (
            "SELECT name, id, signature FROM sketches JOIN programs USING (number)"
            " WHERE criterion = ? AND number >= ? ORDER BY number"
        )
        for criterion in CRITERIA:
            cursor = self.connection.execute(query, (criterion, first))
            while rows := cursor.fetchmany(_LOADED_AT_ONCE):
                names, ids, blobs = zip(*rows, strict=True)
                self._sets[criterion].ids += ids
                signatures = np.frombuffer(b"".join(blobs), np.uint32).reshape(len(rows), -1)
                self._indices[criterion].extend(names, signatures)


_LOADED_AT_ONCE = 10_000
