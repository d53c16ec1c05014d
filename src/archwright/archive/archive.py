"""The Archive: the one source of truth of a study, and all that `resume` needs.

Every write is a transaction of its own, on disk when the call returns: a process killed at any instant loses what it
had not handed over and nothing else. A study is written by one process at a time, under a lock, and within it by the
main thread only. Opening for reading takes no lock and changes nothing; it shows the study as it was at that moment.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from sqlalchemy import select
from sqlalchemy.orm import Session as OrmSession

from archwright.archive import mapping, reading
from archwright.archive.ledger import AdapterRow, CostRow, CycleRow, FinalRow, OpeningRow, Session
from archwright.archive.models import StoredProgram, StoredStudy
from archwright.archive.opening import OpenStudy, create_study, open_study
from archwright.archive.storage import faults_named
from archwright.candidate import Admission, Candidate, Key, Outcome, Record


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

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def name(self) -> str:
        """Name of the study: that of its folder when it was created."""
        with self.reading() as session:
            return session.get_one(StoredStudy, self.study_id).name

    @property
    def config(self) -> dict[str, Any]:
        """The study's configuration, as JSON values."""
        with self.reading() as session:
            return reading.read_config(session, self.study_id)

    def set_config(self, config: Mapping[str, object]) -> None:
        """Replace the configuration, for a study that is extended."""
        with self._writing() as session:
            session.get_one(StoredStudy, self.study_id).config = dict(config)

    def add_candidates(self, candidates: Sequence[Candidate]) -> None:
        """Store a batch of candidates, all or none."""
        keys = [candidate.key for candidate in candidates]
        if len(set(keys)) < len(keys):
            raise ValueError("two candidates of the batch have the same key")
        programs = {candidate.program.digest: candidate.program for candidate in candidates}
        now = datetime.now(UTC)
        with self._writing() as session:
            known = session.scalars(
                select(StoredProgram.digest).where(
                    StoredProgram.study_id == self.study_id, StoredProgram.digest.in_(list(programs))
                )
            )
            for digest in programs.keys() - set(known):
                session.add(StoredProgram(study_id=self.study_id, digest=digest, source=programs[digest].source))
            session.flush()
            session.add_all(mapping.candidate_to_row(candidate, self.study_id, now) for candidate in candidates)

    def add_outcome(self, key: Key, outcome: Outcome) -> None:
        """Store what happened to candidate `key`."""
        with self._writing() as session:
            session.add(mapping.outcome_to_row(key, outcome, self.study_id, datetime.now(UTC)))

    def close_cycle(self, cycle: CycleRow, admissions: Mapping[Key, Admission]) -> None:
        """Store a cycle with the verdict on each of its candidates, all or nothing; every one must have its outcome."""
        strangers = [str(key) for key in admissions if key.cycle != cycle.cycle]
        if strangers:
            raise ValueError(f"candidate {strangers[0]} is not of cycle {cycle.cycle}")
        with self._writing() as session:
            session.add(mapping.cycle_to_row(cycle, self.study_id, datetime.now(UTC)))
            session.flush()
            session.add_all(mapping.admission_to_row(key, each, self.study_id) for key, each in admissions.items())

    def add_adapter(self, adapter: AdapterRow) -> None:
        """Store fine-tuned weights, whose folder must be complete by now."""
        with self._writing() as session:
            session.add(mapping.adapter_to_row(adapter, self.study_id, datetime.now(UTC)))

    def add_cost(self, cost: CostRow) -> None:
        """Store what a stage used; several rows of one stage add up."""
        with self._writing() as session:
            session.add(mapping.cost_to_row(cost, self.study_id, datetime.now(UTC)))

    def add_opening(self, opening: OpeningRow) -> None:
        """Store an opening of the test split; do so before looking at it."""
        with self._writing() as session:
            session.add(mapping.opening_to_row(opening, self.study_id))

    def add_final(self, final: FinalRow) -> None:
        """Store what a finalist came to on the test split."""
        with self._writing() as session:
            session.add(mapping.final_to_row(final, self.study_id))

    def records(self) -> list[Record]:
        """Return every candidate with its outcome and verdict where there are any, ordered by key."""
        with self.reading() as session:
            return reading.read_records(session, self.study_id)

    def cycles(self) -> list[CycleRow]:
        """Return the closed cycles, in order."""
        with self.reading() as session:
            return reading.read_cycles(session, self.study_id)

    def adapters(self) -> list[AdapterRow]:
        """Return the adapters by cycle, then name."""
        with self.reading() as session:
            return reading.read_adapters(session, self.study_id)

    def costs(self) -> list[CostRow]:
        """Return the costs as they were added."""
        with self.reading() as session:
            return reading.read_costs(session, self.study_id)

    def openings(self) -> list[OpeningRow]:
        """Return the openings of the test split, in order."""
        with self.reading() as session:
            return reading.read_openings(session, self.study_id)

    def finals(self) -> list[FinalRow]:
        """Return what finalists came to on the test split, as it was added."""
        with self.reading() as session:
            return reading.read_finals(session, self.study_id)

    def sessions(self) -> list[Session]:
        """Return each time the study was open for writing, in order."""
        with self.reading() as session:
            return reading.read_sessions(session, self.study_id)

    def environment(self) -> dict[str, object]:
        """Return versions, operating system and hardware of the last session."""
        return self.sessions()[-1].environment

    @contextmanager
    def _writing(self) -> Iterator[OrmSession]:
        if self.is_read_only:
            raise RuntimeError(f"the archive of {self.folder} is open for reading only")
        with self._transaction() as session:
            yield session

    @contextmanager
    def reading(self) -> Iterator[OrmSession]:
        """Give a database session that sees one state of the archive."""
        with self._transaction() as session:
            yield session

    @contextmanager
    def _transaction(self) -> Iterator[OrmSession]:
        if not self._is_open:
            raise RuntimeError(f"the archive of {self.folder} is closed")
        with faults_named(self.folder), OrmSession(self._study.engine) as session, session.begin():
            yield session
