"""A corpus on disk: programs with their provenance, their published trials, and what became of each on the way.

One SQLite file, `corpus.db`, in the corpus's folder. Everything in it can be built again from its sources, so there are
no migrations: a file of another layout is refused.
"""

import sqlite3
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path
from typing import Any, Self, TypeVar

from sqlalchemy import (
    Column,
    Connection,
    Table,
    create_engine,
    delete,
    event,
    func,
    insert,
    inspect,
    select,
    text,
    update,
)
from sqlalchemy.engine import ExceptionContext

from archwright.corpus import tables
from archwright.corpus.edits import Edit
from archwright.corpus.noise import NoiseRow
from archwright.corpus.shapes import TaskShape
from archwright.corpus.tables import LAYOUT
from archwright.corpus.wheel import PublishedResult
from archwright.errors import ArchwrightError, DataError, StorageError, UsageError, typed
from archwright.foreign_database import fault_in
from archwright.resumable import BUSY_S, DISK_REMEDY, is_of_the_disk, publish_database, scratch_beside, writing

DATABASE = "corpus.db"
_Row = TypeVar("_Row")


@dataclass(frozen=True, slots=True)
class CorpusProgram:
    """One program as it was found."""

    name: str
    origin: str
    """Where it comes from: the wheel, a file's path, a study and the candidate in it."""
    licence: str | None
    source: str
    accuracy: float | None
    """The one it is ranked by, in [0, 1]; None when nothing comparable was measured."""


@dataclass(frozen=True, slots=True)
class Example:
    """A program that is fit to be learned from: a converted one of the sources, or a mutation of such a one."""

    name: str
    """The program's; with a number behind it for a mutation."""
    program: str
    """The program it was made of; its cluster decides the split."""
    compact: str | None
    """Tidied, without training methods; None where it needs its own."""
    full: str
    """Tidied, with training methods: its own, or the standard ones where it has none that may run."""
    params: Mapping[TaskShape, int | None]
    """Its parameters at every shape it was verified at; None where it does not run, or not within `BUDGET`."""
    split: str | None = None
    """`train` or `held-out`; None while the corpus is still being built."""

    @property
    def is_mutation(self) -> bool:
        """Whether it was made here, and never trained by anybody."""
        return self.name != self.program

    @property
    def shortest(self) -> str:
        """The compact form where there is one."""
        return self.compact or self.full


class Corpus:
    """The corpus in one folder; build it with `create` or `open`, use it in a `with` statement."""

    def __init__(self, folder: Path, database: Path | None = None) -> None:
        self.folder = folder
        file = folder / DATABASE if database is None else database
        self.engine = create_engine(f"sqlite:///{file}", connect_args={"timeout": BUSY_S})
        if database is None:  # In a database that gets its place, nothing may be left in a log beside it.
            event.listen(self.engine, "connect", _configure)
        event.listen(self.engine, "handle_error", self._name_fault)

    @classmethod
    def create(cls, folder: Path, about: Mapping[str, object]) -> Self:
        """Return a new corpus made as `about` says (JSON values), or the one that was begun so.

        Raises UsageError when the folder holds another corpus.
        """
        folder.mkdir(parents=True, exist_ok=True)
        if (folder / DATABASE).exists():
            corpus = cls.open(folder)
            if corpus.about != dict(about) and corpus.programs():
                corpus.close()
                raise UsageError(f"{folder} holds another corpus", "choose another --out, or remove the folder")
            corpus._begin(about)
            return corpus
        with writing(folder / DATABASE, DISK_REMEDY), scratch_beside(folder / DATABASE) as scratch:
            with cls(folder, scratch / DATABASE) as corpus:
                corpus._begin(about)
            publish_database(scratch / DATABASE, folder / DATABASE)  # It appears with all its tables or not at all.
        return cls(folder)

    @classmethod
    def open(cls, folder: Path) -> Self:
        """Return the corpus in `folder`; raises UsageError when there is none, DataError when it cannot be read."""
        if not (folder / DATABASE).exists():
            raise UsageError(
                f"there is no corpus in {folder}",
                f"build one: {typed('corpus', 'build', '--from', 'lemur', '--out', folder)}",
            )
        _require_harmless(folder / DATABASE)
        corpus = cls(folder)
        try:
            layout = corpus._about("layout")
        except ArchwrightError:
            corpus.close()
            raise
        if layout != LAYOUT:
            corpus.close()
            raise DataError(f"the corpus in {folder} has layout {layout}, not {LAYOUT}", "build it again")
        return corpus

    def _begin(self, about: Mapping[str, object]) -> None:
        tables.metadata.create_all(self.engine)  # A corpus of before there were edits lacks their tables.
        with self.engine.begin() as connection:
            connection.execute(delete(tables.about))
            for key, value in {"layout": LAYOUT, "about": dict(about)}.items():
                connection.execute(insert(tables.about).values(key=key, value=value))

    def _name_fault(self, context: ExceptionContext) -> None:
        """Raise StorageError or DataError, whatever was asked, for what the disk or a damaged file do not allow."""
        error = context.original_exception
        if isinstance(error, sqlite3.DatabaseError) and not isinstance(error, sqlite3.IntegrityError):
            if is_of_the_disk(error):
                raise StorageError(f"the corpus in {self.folder} cannot be read or written: {error}", DISK_REMEDY)
            raise DataError(f"the corpus in {self.folder} is damaged: {error}", "remove it and build it again")

    def close(self) -> None:
        """Release the file."""
        self.engine.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def add_trials(self, trials: Iterable[PublishedResult]) -> None:
        """Store published trials in place of those stored before; all or nothing."""
        with self.engine.begin() as connection:
            connection.execute(delete(tables.trials))
            for chunk in batches(trials, 10_000):
                connection.execute(insert(tables.trials), [_trial_row(trial) for trial in chunk])

    def add_programs(self, programs: Sequence[CorpusProgram]) -> None:
        """Store all programs, in order of preference; all or nothing."""
        with self.engine.begin() as connection:
            rows = [{**asdict(program), "rank": rank} for rank, program in enumerate(programs)]
            connection.execute(insert(tables.programs), rows)

    def set_representatives(self, representatives: Mapping[str, str | None]) -> None:
        """Store which program represents each one's cluster; all or nothing.

        None is for one that cannot be compared, and so leaves the funnel.
        """
        rows: dict[str, dict[str, object]] = {name: {"representative": each} for name, each in representatives.items()}
        for name in (name for name, each in representatives.items() if each is None):
            rows[name] |= {"step": "cluster", "reason": "nothing to compare"}
        self._set(tables.programs.c.name, rows)

    def drop(self, reasons: Mapping[str, tuple[str, str]]) -> None:
        """Store at which step programs left the funnel, and why: name -> (step, reason)."""
        rows = {name: {"step": step, "reason": reason} for name, (step, reason) in reasons.items()}
        self._set(tables.programs.c.name, rows)

    def add_examples(self, examples: Sequence[Example]) -> None:
        """Store what is fit to be learned from, and what was found at each shape; all or nothing."""
        with self.engine.begin() as connection:
            _add_examples(connection, examples)

    def add_runs(self, runs: Mapping[str, Mapping[TaskShape, int | None]]) -> None:
        """Store what was found of examples at further shapes: name -> shape -> parameters, None where it fails."""
        with self.engine.begin() as connection:
            _add_runs(connection, runs)

    def add_mutations(self, of: Mapping[str, int], examples: Sequence[Example]) -> None:
        """Store mutations of examples, and how many of each have been tried by now; all or nothing."""
        with self.engine.begin() as connection:
            set_rows(connection, tables.examples.c.name, {name: {"mutations": tried} for name, tried in of.items()})
            _add_examples(connection, examples)

    def remove_examples(self, names: Sequence[str]) -> None:
        """Forget examples that turned out to be near-duplicates."""
        with self.engine.begin() as connection:
            for name in names:
                connection.execute(delete(tables.runs).where(tables.runs.c.example == name))
                connection.execute(delete(tables.examples).where(tables.examples.c.name == name))

    def set_split(self, splits: Mapping[str, str]) -> None:
        """Store the side of every program's examples."""
        self._set(tables.examples.c.program, {name: {"split": split} for name, split in splits.items()})

    def set_edits(self, edits: Sequence[Edit], noises: Sequence[NoiseRow]) -> None:
        """Store edits and the noise they exceed in place of those stored before; all or nothing."""
        with self.engine.begin() as connection:
            for table, rows in ((tables.edits, edits), (tables.noises, noises)):
                connection.execute(delete(table))
                if rows:
                    connection.execute(insert(table), [asdict(row) for row in rows])

    def _set(self, key: Column[Any], rows: Mapping[str, Mapping[str, object]]) -> None:
        """Change columns of the rows with each value of `key`; all or nothing."""
        with self.engine.begin() as connection:
            set_rows(connection, key, rows)

    @property
    def about(self) -> dict[str, object]:
        """How it was made."""
        return dict(self._about("about"))

    def programs(self) -> list[CorpusProgram]:
        """Return every program in order of preference."""
        columns = [tables.programs.c[name] for name in CorpusProgram.__dataclass_fields__]
        with self.engine.connect() as connection:
            return [
                CorpusProgram(*row) for row in connection.execute(select(*columns).order_by(tables.programs.c.rank))
            ]

    def fates(self) -> dict[str, tuple[str | None, str | None, str | None]]:
        """Return (representative, step, reason) by name, in order of preference."""
        of = tables.programs.c
        query = select(of.name, of.representative, of.step, of.reason).order_by(of.rank)
        with self.engine.connect() as connection:
            return {row[0]: (row[1], row[2], row[3]) for row in connection.execute(query)}

    def examples(self) -> list[Example]:
        """Return what is fit to be learned from, in order of preference, each followed by its mutations."""
        columns = [tables.examples.c[name] for name in _EXAMPLE_COLUMNS]
        order = (tables.programs.c.rank, tables.examples.c.name != tables.examples.c.program, tables.examples.c.name)
        query = select(*columns).join(tables.programs).order_by(*order)
        params: dict[str, dict[TaskShape, int | None]] = {}
        with self.engine.connect() as connection:
            for name, shape, number in connection.execute(select(tables.runs)):
                params.setdefault(name, {})[TaskShape.parse(shape)] = number
            rows = [dict(row._mapping) for row in connection.execute(query)]
        return [Example(**row, params=params.get(row["name"], {})) for row in rows]

    def edits(self) -> list[Edit]:
        """Return the edits that made a program better, in a fixed order; none in a corpus of before there were any."""
        return self._all(Edit, tables.edits)

    def noises(self) -> list[NoiseRow]:
        """Return the noise of scores in every place where studies scored programs."""
        return self._all(NoiseRow, tables.noises)

    def mutations_tried(self) -> dict[str, int]:
        """Return how many mutations of each example were tried, by name; mutations themselves are left out."""
        columns = (tables.examples.c.name, tables.examples.c.mutations)
        query = select(*columns).where(tables.examples.c.name == tables.examples.c.program)
        with self.engine.connect() as connection:
            return {row[0]: row[1] for row in connection.execute(query)}

    def trials(
        self, *, program: str | None = None, dataset: str | None = None, epoch: int | None = None
    ) -> Generator[PublishedResult, None, None]:
        """Yield the published trials, of one program, data set or epoch where asked, in the order they were read."""
        query = select(tables.trials).order_by(tables.trials.c.id)
        for column, value in (
            (tables.trials.c.program, program),
            (tables.trials.c.dataset, dataset),
            (tables.trials.c.epoch, epoch),
        ):
            if value is not None:
                query = query.where(column == value)
        with self.engine.connect() as connection:
            for row in connection.execution_options(yield_per=1_000).execute(query):
                values = dict(row._mapping)
                del values["id"]
                yield PublishedResult(architecture=values.pop("program"), **values)

    def best_accuracies(self, dataset: str) -> dict[str, float]:
        """Return the highest published value of every program on one data set, whatever the epoch."""
        query = select(tables.trials.c.program, func.max(tables.trials.c.accuracy)).group_by(tables.trials.c.program)
        query = query.where(tables.trials.c.dataset == dataset, tables.trials.c.metric == "acc")
        with self.engine.connect() as connection:
            return {row[0]: row[1] for row in connection.execute(query)}

    def datasets(self) -> list[str]:
        """Return the data sets of the published trials by name, the one with the most trials first."""
        query = select(tables.trials.c.dataset).group_by(tables.trials.c.dataset).order_by(func.count().desc())
        with self.engine.connect() as connection:
            return [row[0] for row in connection.execute(query)]

    def count_trials(self) -> int:
        """Return the number of published trials."""
        with self.engine.connect() as connection:
            return connection.scalar(select(func.count()).select_from(tables.trials)) or 0

    def _all(self, kind: type[_Row], table: Table) -> list[_Row]:
        with self.engine.connect() as connection:
            if not inspect(connection).has_table(table.name):
                return []
            return [kind(**row._mapping) for row in connection.execute(select(table).order_by(text("rowid")))]

    def _about(self, key: str) -> Any:
        with self.engine.connect() as connection:
            return connection.scalar(select(tables.about.c.value).where(tables.about.c.key == key))


_EXAMPLE_COLUMNS = ("name", "program", "compact", "full", "split")


def set_rows(connection: Connection, key: Column[Any], rows: Mapping[str, Mapping[str, object]]) -> None:
    """Change columns of the rows with each value of `key`."""
    for value, row in rows.items():
        connection.execute(update(key.table).where(key == value).values(**row))


def _add_examples(connection: Connection, examples: Sequence[Example]) -> None:
    if examples:
        rows = [{name: getattr(example, name) for name in _EXAMPLE_COLUMNS} for example in examples]
        connection.execute(insert(tables.examples), rows)
        _add_runs(connection, {example.name: example.params for example in examples})


def _add_runs(connection: Connection, runs: Mapping[str, Mapping[TaskShape, int | None]]) -> None:
    rows = [
        {"example": name, "shape": str(shape), "params": params}
        for name, found in runs.items()
        for shape, params in found.items()
    ]
    if rows:
        connection.execute(insert(tables.runs), rows)


def _require_harmless(path: Path) -> None:
    """Raise DataError for a file that somebody made so that SQLite does more than read and write it."""
    try:
        found = fault_in(path)
    except sqlite3.DatabaseError as error:
        if is_of_the_disk(error):
            return  # which opening it to write says in its own words
        found = str(error)
    if found:
        raise DataError(f"the corpus in {path.parent} is damaged: {found}", "remove it and build it again")


def _configure(connection: Any, _: object) -> None:
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = NORMAL")


def _trial_row(trial: PublishedResult) -> dict[str, object]:
    row = {name: getattr(trial, name) for name in PublishedResult.__dataclass_fields__}
    row["program"] = row.pop("architecture")
    row["hyperparameters"] = dict(trial.hyperparameters)
    return row


def batches(items: Iterable[_Row], size: int) -> Iterator[list[_Row]]:
    """Yield so many of `items` at a time, fewer at the end."""
    rest = iter(items)
    while batch := list(islice(rest, size)):
        yield batch
