"""The Archive: the one source of truth of a study, and all that `resume` needs.

Every write is a transaction of its own, on disk when the call returns: a process killed at any instant loses what it
had not handed over and nothing else. A study is written by one process at a time, under a lock, and within it by the
main thread only. Opening for reading takes no lock and changes nothing; it shows the study as it was at that moment.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any, Self, TypeVar

from sqlalchemy import Table, bindparam, func, select
from sqlalchemy.orm import Session as OrmSession

from archwright.archive import reading, tables
from archwright.archive.codec import to_row
from archwright.archive.ledger import AdapterRow, CostRow, CycleRow, OpeningRow, Session
from archwright.archive.opening import OpenStudy, create_study, open_study
from archwright.archive.storage import faults_named
from archwright.candidate import Admission, Call, Candidate, Key, Outcome, Program, Record, Trial

T = TypeVar("T")
NOTHING_SETTLED: Mapping[Key, tuple[Trial, Outcome]] = MappingProxyType({})

_OUTCOMES_OF_CANDIDATE = (
    select(func.count())
    .select_from(tables.outcomes)
    .where(
        tables.outcomes.c.study_id == bindparam("study"),
        tables.outcomes.c.cycle == bindparam("cycle"),
        tables.outcomes.c.position == bindparam("position"),
    )
)


class Archive:
    """The rows of one study; build it with `create` or `open`, and close it or use it in a `with` statement.

    Writing raises StorageError when the disk is full or read-only, after which the archive is as before the call, and
    ValueError for a row that is there already or refers to one that is not.
    """

    def __init__(self, study: OpenStudy) -> None:
        self._study = study
        self.study_id = study.study_id
        self.folder = study.folder
        self.is_read_only = study.lock is None
        self._is_open = True

    @classmethod
    def create(cls, folder: Path, config: Mapping[str, object], *, url: str | None = None) -> Self:
        """Return the archive of a new study in `folder`, open for writing.

        `config` is JSON values. The rows go to `study.db` in the folder, or to the database at `url`, which several
        studies may share; its password is not stored (PGPASSWORD or a password file gives it when the study is opened).
        Raises StudyError when the folder holds a study, StudyBusyError and StorageError.
        """
        return cls(create_study(folder, config, url))

    @classmethod
    def open(cls, folder: Path, *, read_only: bool = False) -> Self:
        """Return the archive of the study in `folder`.

        Raises StudyError when it is no study folder, StudyBusyError when another process writes it, StudyDamagedError,
        StudyTooNewError and StorageError; in all of these cases the folder is exactly as before.
        """
        return cls(open_study(folder, read_only=read_only))

    def close(self) -> None:
        """Release the database and the lock; harmless when that was done."""
        self._is_open = False
        self._study.engine.dispose()
        if self._study.lock is not None:
            self._study.lock.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def name(self) -> str:
        """Name of the study: that of its folder when it was created."""
        with self.reading() as session:
            return str(session.scalar(select(tables.studies.c.name).where(tables.studies.c.id == self.study_id)))

    @property
    def config(self) -> dict[str, Any]:
        """The study's configuration, as JSON values."""
        with self.reading() as session:
            return reading.read_config(session, self.study_id)

    def set_config(self, config: Mapping[str, object]) -> None:
        """Replace the configuration, for a study that is extended; the session that does so keeps it, too."""
        with self._writing() as session:
            self._change_last(session, config=dict(config))
            session.execute(
                tables.studies.update().where(tables.studies.c.id == self.study_id).values(config=dict(config))
            )

    def add_candidates(
        self,
        candidates: Sequence[Candidate],
        settled: Mapping[Key, tuple[Trial, Outcome]] = NOTHING_SETTLED,
        cost: CostRow | None = None,
    ) -> None:
        """Store candidates that were written together, with the calls that led to them, all or none.

        With them what they took, and the outcomes of those that are `settled` by what else was written. Answers that
        were kept (`add_asked`) are the candidates' own from now on.
        """
        keys = [candidate.key for candidate in candidates]
        if len(set(keys)) < len(keys):
            raise ValueError("two candidates of the batch have the same key")
        with self._writing() as session:
            self._add_programs(session, [each.program for each in candidates if each.program is not None])
            rows, calls, now = [], [], datetime.now(UTC)
            for candidate in candidates:
                digest = None if candidate.program is None else candidate.program.digest
                row = to_row(candidate, leave_out=("key", "program", "calls"))
                rows.append(self._row(candidate.key, row, program=digest, created_at=now))
                for number, call in enumerate(candidate.calls):
                    calls.append(self._row(candidate.key, to_row(call), number=number))
            _insert_all(session, tables.candidates, rows)
            _insert_all(session, tables.calls, calls)
            self._forget_asked(session, [call for candidate in candidates for call in candidate.calls])
            for key, (trial, outcome) in settled.items():
                self._add_outcome(session, key, trial, outcome)
            self._add_cost(session, cost)

    def add_asked(self, seed: int, call: Call) -> None:
        """Keep an answer that was sampled with `seed`, before there is a candidate it led to; an earlier one goes."""
        kept = tables.asked.c
        with self._writing() as session:
            session.execute(tables.asked.delete().where(kept.study_id == self.study_id, kept.seed == seed))
            session.execute(tables.asked.insert(), {"study_id": self.study_id, "seed": seed, **to_row(call)})

    def add_outcome(self, key: Key, trial: Trial, outcome: Outcome, cost: CostRow | None = None) -> None:
        """Store what happened to candidate `key` in `trial`; the first of a candidate is the search's own."""
        with self._writing() as session:
            self._add_outcome(session, key, trial, outcome)
            self._add_cost(session, cost)

    def close_cycle(self, cycle: CycleRow, admissions: Mapping[Key, Admission], cost: CostRow | None = None) -> None:
        """Store a cycle with the verdict on each of its candidates, all or nothing; every one must have its outcome."""
        strangers = [str(key) for key in admissions if key.cycle != cycle.cycle]
        if strangers:
            raise ValueError(f"candidate {strangers[0]} is not of cycle {cycle.cycle}")
        outcomes = tables.outcomes
        with self._writing() as session:
            settled = set(
                session.scalars(
                    select(outcomes.c.position).where(
                        outcomes.c.study_id == self.study_id, outcomes.c.cycle == cycle.cycle, outcomes.c.number == 0
                    )
                )
            )
            pending = [str(key) for key in admissions if key.index not in settled]
            if pending:
                raise ValueError(f"candidate {pending[0]} has no outcome")
            row = {"study_id": self.study_id, "closed_at": datetime.now(UTC), **to_row(cycle)}
            session.execute(tables.cycles.insert(), row)
            rows = [self._row(key, to_row(admission)) for key, admission in admissions.items()]
            _insert_all(session, tables.admissions, rows)
            self._add_cost(session, cost)

    def add_adapter(self, adapter: AdapterRow, cost: CostRow | None = None) -> None:
        """Store fine-tuned weights, whose folder must be complete by now."""
        with self._writing() as session:
            self._insert(session, tables.adapters, to_row(adapter), created_at=datetime.now(UTC))
            self._add_cost(session, cost)

    def add_opening(self, opening: OpeningRow) -> None:
        """Store an opening of the test split; do so before looking at it."""
        with self._writing() as session:
            self._insert(session, tables.openings, to_row(opening))

    def records(self) -> list[Record]:
        """Return every candidate with its outcome and verdict where there are any, ordered by key."""
        with self.reading() as session:
            return reading.read_records(session, self.study_id)

    def asked(self) -> dict[int, Call]:
        """Return the answers that led to no candidate yet, by seed."""
        with self.reading() as session:
            return reading.read_asked(session, self.study_id)

    def cycles(self) -> list[CycleRow]:
        """Return the closed cycles, in order."""
        return self._rows(CycleRow)

    def adapters(self) -> list[AdapterRow]:
        """Return the adapters by cycle, then name."""
        return self._rows(AdapterRow)

    def costs(self) -> list[CostRow]:
        """Return the costs as they were added."""
        return self._rows(CostRow)

    def openings(self) -> list[OpeningRow]:
        """Return the openings of the test split, in order."""
        return self._rows(OpeningRow)

    def sessions(self) -> list[Session]:
        """Return each time the study was open for writing, in order."""
        return self._rows(Session)

    def note(self, facts: Mapping[str, object]) -> None:
        """Add to what is known of the circumstances of the session that is running."""
        environment = self.sessions()[-1].environment | dict(facts)
        with self._writing() as session:
            self._change_last(session, environment=environment)

    def _change_last(self, session: OrmSession, **columns: object) -> None:
        """Replace columns of the session that is running, the last one."""
        sessions = tables.sessions
        mine = sessions.c.study_id == self.study_id
        last = select(func.max(sessions.c.number)).where(mine).scalar_subquery()
        session.execute(sessions.update().where(mine, sessions.c.number == last).values(columns))

    def _forget_asked(self, session: OrmSession, calls: Sequence[Call]) -> None:
        """Drop the kept answers that are among `calls`, which candidates have."""
        kept = tables.asked.c
        if session.scalar(select(kept.seed).where(kept.study_id == self.study_id).limit(1)) is None:
            return
        for call in calls:
            is_it = (kept.role == call.role) & (kept.prompt == call.prompt) & (kept.completion == call.completion)
            session.execute(tables.asked.delete().where(kept.study_id == self.study_id, is_it))

    def _add_programs(self, session: OrmSession, programs: Sequence[Program]) -> None:
        """Store those of `programs` that the study does not have yet."""
        by_digest = {program.digest: program for program in programs}
        stored = tables.programs.c
        known = session.scalars(
            select(stored.digest).where(stored.study_id == self.study_id, stored.digest.in_(list(by_digest)))
        )
        new = [
            {"study_id": self.study_id, "digest": digest, "source": by_digest[digest].source}
            for digest in by_digest.keys() - set(known)
        ]
        _insert_all(session, tables.programs, new)

    def _add_outcome(self, session: OrmSession, key: Key, trial: Trial, outcome: Outcome) -> None:
        """Insert an outcome, numbered after those that the candidate has."""
        outcomes = tables.outcomes
        row = to_row(trial, leave_out=("program", "at")) | to_row(trial.at) | to_row(outcome, leave_out=("seed",))
        place = {"study": self.study_id, "cycle": key.cycle, "position": key.index}
        number = session.scalar(_OUTCOMES_OF_CANDIDATE, place)
        session.execute(outcomes.insert(), self._row(key, row, number=number, finished_at=datetime.now(UTC)))

    def _rows(self, kind: type[T]) -> list[T]:
        with self.reading() as session:
            return reading.read_rows(session, self.study_id, kind)

    def _row(self, key: Key, row: Mapping[str, object], **more: object) -> dict[str, object]:
        """Return the `row` of candidate `key` with `more` columns."""
        return {"study_id": self.study_id, "cycle": key.cycle, "position": key.index, **row, **more}

    def _add_cost(self, session: OrmSession, cost: CostRow | None) -> None:
        if cost is not None:
            self._insert(session, tables.costs, to_row(cost), recorded_at=datetime.now(UTC))

    def _insert(self, session: OrmSession, table: Table, row: Mapping[str, object], **more: object) -> None:
        session.execute(table.insert(), {"study_id": self.study_id, **row, **more})

    @contextmanager
    def _writing(self) -> Iterator[OrmSession]:
        if self.is_read_only:
            raise RuntimeError(f"the archive of {self.folder} is open for reading only")
        with self.reading() as session:
            yield session

    @contextmanager
    def reading(self) -> Iterator[OrmSession]:
        """Give a database session that sees one state of the archive."""
        if not self._is_open:
            raise RuntimeError(f"the archive of {self.folder} is closed")
        with faults_named(self.folder), OrmSession(self._study.engine) as session, session.begin():
            yield session


def _insert_all(session: OrmSession, table: Table, rows: Sequence[Mapping[str, object]]) -> None:
    if rows:
        session.execute(table.insert(), list(rows))
