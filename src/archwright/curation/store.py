"""A corpus on disk: programs with their provenance, their published trials, and what became of each on the way.

One SQLite file, `corpus.db`, in the corpus's folder. Everything in it can be built again from its sources, so there are
no migrations: a file of another layout is refused.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from sqlalchemy import (
    JSON,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    create_engine,
    delete,
    event,
    func,
    insert,
    select,
    update,
)
from sqlalchemy.exc import DatabaseError

from archwright.curation.wheel import Trial
from archwright.errors import DataError, UsageError

DATABASE = "corpus.db"
LAYOUT = 1
"""Raised whenever the tables change."""

_metadata = MetaData()
_about = Table("about", _metadata, Column("key", String, primary_key=True), Column("value", JSON, nullable=False))
_programs = Table(
    "programs",
    _metadata,
    Column("name", String, primary_key=True),
    Column("origin", String, nullable=False),
    Column("licence", String),
    Column("source", String, nullable=False),
    Column("accuracy", Float),
    Column("rank", Integer, nullable=False),
    Column("representative", ForeignKey("programs.name")),
    Column("step", String),
    Column("reason", String),
)
_trials = Table(
    "trials",
    _metadata,
    Column("id", Integer, primary_key=True),
    Column("program", ForeignKey("programs.name"), nullable=False),
    Column("task", String, nullable=False),
    Column("dataset", String, nullable=False),
    Column("metric", String, nullable=False),
    Column("epoch", Integer, nullable=False),
    Column("accuracy", Float, nullable=False),
    Column("duration_ns", Integer, nullable=False),
    Column("batch", Integer, nullable=False),
    Column("transform", String, nullable=False),
    Column("uid", String, nullable=False),
    Column("hyperparameters", JSON, nullable=False),
    Index("trials_by_program", "program"),
    Index("trials_by_dataset", "dataset", "epoch"),
)
_examples = Table(
    "examples",
    _metadata,
    Column("program", ForeignKey("programs.name"), primary_key=True),
    Column("compact", String),
    Column("full", String, nullable=False),
    Column("params_rgb", Integer, nullable=False),
    Column("params_gray", Integer),
    Column("split", String),
)


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
    """A program that is fit to be learned from."""

    program: str
    """Its name."""
    compact: str | None
    """Tidied, without training methods; None where it needs its own."""
    full: str
    """Tidied, with its own training methods."""
    params_rgb: int
    """Parameters at 3 x 32 x 32 with ten classes."""
    params_gray: int | None
    """Likewise at 1 x 28 x 28; None where it does not run at that shape."""
    split: str | None = None
    """`train` or `held-out`; None while the corpus is still being built."""


class Corpus:
    """The corpus in one folder; build it with `create` or `open`, use it in a `with` statement."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._engine = create_engine(f"sqlite:///{folder / DATABASE}")
        event.listen(self._engine, "connect", _configure)

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
        else:
            corpus = cls(folder)
            _metadata.create_all(corpus._engine)
        with corpus._engine.begin() as connection:
            connection.execute(delete(_about))
            for key, value in {"layout": LAYOUT, "about": dict(about)}.items():
                connection.execute(insert(_about).values(key=key, value=value))
        return corpus

    @classmethod
    def open(cls, folder: Path) -> Self:
        """Return the corpus in `folder`; raises UsageError when there is none, DataError when it cannot be read."""
        if not (folder / DATABASE).exists():
            raise UsageError(f"there is no corpus in {folder}", "build one: archwright corpus build")
        corpus = cls(folder)
        try:
            layout = corpus._about("layout")
        except DatabaseError as error:
            corpus.close()
            raise DataError(
                f"the corpus in {folder} is damaged: {error.orig}", "remove it and build it again"
            ) from None
        if layout != LAYOUT:
            corpus.close()
            raise DataError(f"the corpus in {folder} has layout {layout}, not {LAYOUT}", "build it again")
        return corpus

    def close(self) -> None:
        """Release the file."""
        self._engine.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # Writing --------------------------------------------------------------------------------------------------------

    def add_trials(self, trials: Iterable[Trial]) -> None:
        """Store published trials in place of those stored before; all or nothing."""
        with self._engine.begin() as connection:
            connection.execute(delete(_trials))
            for chunk in _chunks(trials, 10_000):
                connection.execute(insert(_trials), [_trial_row(trial) for trial in chunk])

    def add_programs(self, programs: Sequence[CorpusProgram]) -> None:
        """Store all programs, in order of preference; all or nothing."""
        with self._engine.begin() as connection:
            rows = [{**asdict(program), "rank": rank} for rank, program in enumerate(programs)]
            connection.execute(insert(_programs), rows)

    def set_representatives(self, representatives: Mapping[str, str | None]) -> None:
        """Store which program represents each one's cluster; None for one that cannot be compared."""
        with self._engine.begin() as connection:
            for name, representative in representatives.items():
                connection.execute(
                    update(_programs).where(_programs.c.name == name).values(representative=representative)
                )

    def drop(self, reasons: Mapping[str, tuple[str, str]]) -> None:
        """Store at which step programs left the funnel, and why: name -> (step, reason)."""
        with self._engine.begin() as connection:
            for name, (step, reason) in reasons.items():
                connection.execute(update(_programs).where(_programs.c.name == name).values(step=step, reason=reason))

    def add_examples(self, examples: Sequence[Example]) -> None:
        """Store what is fit to be learned from."""
        with self._engine.begin() as connection:
            if examples:
                connection.execute(insert(_examples), [asdict(example) for example in examples])

    def remove_examples(self, names: Sequence[str]) -> None:
        """Forget examples that turned out to be near-duplicates."""
        with self._engine.begin() as connection:
            for name in names:
                connection.execute(delete(_examples).where(_examples.c.program == name))

    def set_split(self, splits: Mapping[str, str]) -> None:
        """Store the side of every example."""
        with self._engine.begin() as connection:
            for name, split in splits.items():
                connection.execute(update(_examples).where(_examples.c.program == name).values(split=split))

    # Reading --------------------------------------------------------------------------------------------------------

    @property
    def about(self) -> dict[str, object]:
        """How it was made."""
        return dict(self._about("about"))

    def programs(self) -> list[CorpusProgram]:
        """Return every program in order of preference."""
        columns = [_programs.c[name] for name in CorpusProgram.__dataclass_fields__]
        with self._engine.connect() as connection:
            return [CorpusProgram(*row) for row in connection.execute(select(*columns).order_by(_programs.c.rank))]

    def fates(self) -> dict[str, tuple[str | None, str | None, str | None]]:
        """Return (representative, step, reason) by name, in order of preference."""
        columns = (_programs.c.name, _programs.c.representative, _programs.c.step, _programs.c.reason)
        with self._engine.connect() as connection:
            return {
                row[0]: (row[1], row[2], row[3])
                for row in connection.execute(select(*columns).order_by(_programs.c.rank))
            }

    def examples(self) -> list[Example]:
        """Return what is fit to be learned from, in order of preference."""
        columns = [_examples.c[name] for name in Example.__dataclass_fields__]
        query = select(*columns).join(_programs).order_by(_programs.c.rank)
        with self._engine.connect() as connection:
            return [Example(*row) for row in connection.execute(query)]

    def trials(
        self, *, program: str | None = None, dataset: str | None = None, epoch: int | None = None
    ) -> Iterator[Trial]:
        """Yield the published trials, of one program, data set or epoch where asked, in the order they were read."""
        query = select(_trials).order_by(_trials.c.id)
        for column, value in ((_trials.c.program, program), (_trials.c.dataset, dataset), (_trials.c.epoch, epoch)):
            if value is not None:
                query = query.where(column == value)
        with self._engine.connect() as connection:
            for row in connection.execution_options(yield_per=1_000).execute(query):
                values = dict(row._mapping)
                del values["id"]
                yield Trial(architecture=values.pop("program"), **values)

    def best_accuracies(self, dataset: str, metric: str = "acc") -> dict[str, float]:
        """Return the highest published value of every program on one data set, whatever the epoch."""
        query = select(_trials.c.program, func.max(_trials.c.accuracy)).group_by(_trials.c.program)
        query = query.where(_trials.c.dataset == dataset, _trials.c.metric == metric)
        with self._engine.connect() as connection:
            return {row[0]: row[1] for row in connection.execute(query)}

    def count_trials(self) -> int:
        """Return the number of published trials."""
        with self._engine.connect() as connection:
            return connection.scalar(select(func.count()).select_from(_trials)) or 0

    def _about(self, key: str) -> Any:
        with self._engine.connect() as connection:
            return connection.scalar(select(_about.c.value).where(_about.c.key == key))


def _configure(connection: Any, _: object) -> None:
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = NORMAL")


def _trial_row(trial: Trial) -> dict[str, object]:
    row = {name: getattr(trial, name) for name in Trial.__dataclass_fields__}
    row["program"] = row.pop("architecture")
    row["hyperparameters"] = dict(trial.hyperparameters)
    return row


def _chunks(items: Iterable[Trial], size: int) -> Iterator[list[Trial]]:
    chunk: list[Trial] = []
    for item in items:
        chunk.append(item)
        if len(chunk) == size:
            yield chunk
            chunk = []
    if chunk:
        yield chunk
