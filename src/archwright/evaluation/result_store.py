"""Outcomes kept between runs, in one SQLite database that many processes may use at once.

It is a cache: what cannot be read or written is as if it were not there. A damaged file is set aside.
"""

import json
import logging
import sqlite3
import threading
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import asdict, replace
from pathlib import Path
from typing import TypeVar

from archwright.candidate import Failure, FailureKind, Outcome, Scores, Stage

MOST_OUTCOMES = 200_000
"""When there are more, the tenth that was used longest ago is dropped; one takes about a kilobyte."""
CHECKED = 100
"""They are counted with the first outcome a process keeps and then so many times in `MOST_OUTCOMES`."""
WAIT_S = 10.0
"""How long to wait for another process that writes."""

log = logging.getLogger(__name__)

_TABLE = "CREATE TABLE IF NOT EXISTS outcomes (key TEXT PRIMARY KEY, outcome TEXT NOT NULL, used_at REAL NOT NULL)"
_Answer = TypeVar("_Answer")


class ResultStore:
    """Outcomes by key; safe to use from several threads and processes."""

    def __init__(self, path: Path, most: int = MOST_OUTCOMES) -> None:
        """Keep at most `most` outcomes in the file `path`, which is made when it is first used."""
        self._path = path
        self._most = most
        self._left_to_count = 0
        self._lock = threading.Lock()
        self._is_usable = True

    def get(self, key: str) -> Outcome | None:
        """Return the outcome under `key` if there is one."""

        def read(connection: sqlite3.Connection) -> Outcome | None:
            row = connection.execute("SELECT outcome FROM outcomes WHERE key = ?", (key,)).fetchone()
            if row is None:
                return None
            outcome = outcome_from_json(row[0])
            connection.execute("UPDATE outcomes SET used_at = ? WHERE key = ?", (time.time(), key))
            return outcome

        return self._use(read)

    def put(self, key: str, outcome: Outcome) -> None:
        """Keep `outcome` under `key`."""

        def write(connection: sqlite3.Connection) -> None:
            row = (key, outcome_to_json(outcome), time.time())
            connection.execute("INSERT OR REPLACE INTO outcomes VALUES (?, ?, ?)", row)
            self._left_to_count -= 1
            if self._left_to_count <= 0:
                self._left_to_count = self._most // CHECKED
                self.drop_oldest(connection)

        self._use(write)

    def drop_oldest(self, connection: sqlite3.Connection) -> None:
        """Make room when there are too many; counting takes a scan of the whole table."""
        (count,) = connection.execute("SELECT count(*) FROM outcomes").fetchone()
        if count > self._most:
            dropped = count - self._most + self._most // 10
            connection.execute(
                "DELETE FROM outcomes WHERE key IN (SELECT key FROM outcomes ORDER BY used_at LIMIT ?)", (dropped,)
            )

    def _use(self, work: Callable[[sqlite3.Connection], _Answer]) -> _Answer | None:
        """Return what `work` returns, or None when the file does not let it; a damaged file is set aside."""
        with self._lock:
            if not self._is_usable:
                return None
            try:
                self._path.parent.mkdir(parents=True, exist_ok=True)
                with closing(sqlite3.connect(self._path, timeout=WAIT_S)) as connection, connection:
                    connection.execute("PRAGMA journal_mode = WAL")
                    connection.execute("PRAGMA synchronous = OFF")  # a lost outcome is trained again
                    connection.execute(_TABLE)
                    return work(connection)
            except (OSError, sqlite3.OperationalError) as error:
                log.warning("the result cache %s is not used: %s", self._path, error)
                self._is_usable = False
            except (sqlite3.DatabaseError, ValueError, KeyError, TypeError) as error:
                self._set_aside(error)
            return None

    def _set_aside(self, error: Exception) -> None:
        aside = self._path.with_name(f"{self._path.name}.damaged-{time.time_ns()}")
        log.warning("the result cache %s is damaged (%s); it is now %s and a new one begins", self._path, error, aside)
        try:
            self._path.replace(aside)
            for suffix in ("-wal", "-shm"):
                self._path.with_name(self._path.name + suffix).unlink(missing_ok=True)
        except OSError:
            self._is_usable = False


def outcome_to_json(outcome: Outcome) -> str:
    """Return `outcome` as text."""
    return json.dumps(asdict(replace(outcome, seconds=dict(outcome.seconds))))


def outcome_from_json(text: str) -> Outcome:
    """Return the outcome in `text`; raises ValueError, KeyError or TypeError when there is none."""
    content = json.loads(text)
    failure, scores = content.pop("failure"), content.pop("scores")
    if failure is not None:
        failure = Failure(
            Stage(failure["stage"]), FailureKind(failure["kind"]), str(failure["message"]), failure["line"]
        )
    stage = Stage(content.pop("stage"))
    return Outcome(stage=stage, failure=failure, scores=scores and Scores(**scores), **content)
