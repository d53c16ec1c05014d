"""A search over cells as strategy and generator of a study."""

from pathlib import Path
from typing import ClassVar, final

from archwright.candidate import Candidate, Failure, FailureKind, Program, Record, Stage
from archwright.cells.cell import Cell, read_cell, write_cell
from archwright.cells.run import CellRun
from archwright.cells.search.options import CellsOptions
from archwright.cells.search.oracle import TableOracle, load_oracle
from archwright.cells.search.registry import new_strategy
from archwright.cells.search.sequence import NOTHING
from archwright.cells.search.space import SEARCH_SPACES, SearchSpace
from archwright.cells.search.strategy import CellStrategy, Measurement
from archwright.config import StudyConfig
from archwright.configuring import options_of
from archwright.contracts.network import ACCURACY
from archwright.elite import ThresholdAdmission
from archwright.errors import UsageError
from archwright.generators.generator import Request, Setting
from archwright.generators.unasked import WithoutModel
from archwright.strategies.strategy import View

PATIENCE = 50_000
"""Proposals in a row without a query after which a search ends: its strategy has nothing new to ask."""


class Queries:
    """The measurements of a search, counted: a query is a cell that is measured for the first time.

    A cell that was proposed before is known, and one without a measurement costs nothing; both are proposals.
    """

    def __init__(self, space: SearchSpace) -> None:
        self._space = space
        self._known: set[str] = set()
        self.found: list[Measurement] = []
        """The queries, in order."""
        self.proposals = 0
        self.idle = 0
        """Proposals since the last query."""

    def take(self, record: Record) -> Measurement:
        """Return what the record of a cell says, having counted it."""
        cell = NOTHING if record.candidate.program is None else read_cell(record.program.source)
        accuracy = record.value(ACCURACY.name)
        key = self._key(cell)
        is_query = accuracy is not None and key is not None and key not in self._known
        if key is not None:
            self._known.add(key)
        measurement = Measurement(cell, accuracy, is_query)
        self.proposals += 1
        self.idle = 0 if is_query else self.idle + 1
        if is_query:
            self.found.append(measurement)
        return measurement

    def _key(self, cell: Cell) -> str | None:
        try:
            return self._space.key(cell)
        except ValueError:
            return None


@final
class CellsStrategy(ThresholdAdmission):
    """Asks for what a CellStrategy asks for, until `cells.queries` cells are measured.

    A CellStrategy has a state that depends on what it was told alone: it is told the records in order, again from the
    first one after every resume.
    """

    learns = False
    Options = CellsOptions

    def __init__(self, config: StudyConfig, inner: CellStrategy | None = None) -> None:
        """Ask by the strategy that the configuration names, unless one is given.

        Raises UnknownNameError, DataError, and UsageError for models that are missing or of another space.
        """
        self._options = options_of(config, "cells", CellsOptions)
        self._space = SEARCH_SPACES[self._options.space]
        self.inner = inner or named_strategy(self._options, config.seed)
        self.queries = Queries(self._space)
        self._batch: list[Cell] = []
        self._taken = 0

    def ask(self, view: View) -> list[Request]:
        """Return the next batch, or the rest of one that an interruption has cut."""
        if view.is_pending:
            return []
        while True:
            self._batch = self._batch or list(self.inner.ask())
            known = view.records[self._taken : self._taken + len(self._batch)]
            if not self._batch or len(known) < len(self._batch):
                break
            self._taken += len(known)
            self._batch = []
            self.inner.tell([self.queries.take(record) for record in known])
        if not self._batch or len(self.queries.found) >= self._options.queries or self.queries.idle >= PATIENCE:
            return []
        return [Request(choice={"cell": write_cell(cell).source}) for cell in self._batch[len(known) :]]


def named_strategy(options: CellsOptions, seed: int, oracle: TableOracle | None = None) -> CellStrategy:
    """Return the strategy that `options` name, over the pool of `oracle`, which is loaded unless it is given.

    Raises UsageError for more queries than the pool has cells, which no search could end.
    """
    oracle = oracle or load_oracle(options.space, options.dataset)
    if options.queries > len(oracle.table.cells):
        raise UsageError(
            f"{options.queries:,} queries are more than can be measured: {oracle.pool}",
            f"ask for at most {len(oracle.table.cells):,} (--queries, cells.queries)",
        )
    models = CellRun.open(Path(options.model)) if options.model else None
    space, pool = SEARCH_SPACES[options.space], oracle.table.cells
    return new_strategy(options.strategy, space, pool, seed, models=models, temperature=options.temperature)


@final
class CellGenerator(WithoutModel):
    """Writes down the cell that was asked for."""

    name: ClassVar[str] = "cell"

    def __init__(self, setting: Setting) -> None:
        """Take the setting, of which nothing is needed."""

    def candidate(self, request: Request) -> Candidate:
        """Return the cell; one without operations stands for codes of no cell, and is a failure to write one."""
        program = Program(str(request.choice["cell"]))
        malformed = Failure(Stage.WRITE, FailureKind.MALFORMED, "the codes stand for no cell of the space")
        return request.candidate(self.name, malformed if program == write_cell(NOTHING) else program)
