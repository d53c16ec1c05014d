"""The contract `cell`: a candidate is a cell, and a published table says how well it trains."""

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import final

from archwright.candidate import Failure, FailureKind, Outcome, Record, Scores, Stage
from archwright.cells.cell import Cell, read_cell
from archwright.cells.search.options import CellsOptions
from archwright.cells.search.oracle import TableOracle, load_oracle
from archwright.cells.tables.tfrecord101 import FILES
from archwright.config import StudyConfig
from archwright.configuring import options_of
from archwright.contracts.contract import PublishedTable
from archwright.contracts.network import ACCURACY
from archwright.errors import DataError, UsageError
from archwright.evaluation.evaluator import Job
from archwright.task import TEST, DataSpec, Metric, SplitProtocol

Measure = Callable[[Cell], float | None]
"""Returns a cell's accuracy, None when it cannot be measured: outside the space or a closed pool."""


@final
class TableExecutor:
    """An Executor that looks every cell up."""

    workers = 1

    def __init__(self, measure: Measure, test: Measure = lambda cell: None) -> None:
        """Look up what a search selects by with `measure`, and finalists with `test`."""
        self._measure, self._test = measure, test

    def settle(self, job: Job) -> Outcome:
        """Return the outcome of a cell: nothing needs training."""
        measure = self._test if job.split == TEST else self._measure
        accuracy = measure(read_cell(job.program.source))
        if accuracy is None:
            failure = Failure(Stage.SCORE, FailureKind.NOT_MEASURED, "the table has no measurement of this cell")
            return Outcome(Stage.SCORE, failure=failure, seed=job.seed)
        # How many images stand behind a figure of the table is the benchmark's affair.
        return Outcome(Stage.SCORE, scores=Scores({ACCURACY.name: accuracy}, n=0), seed=job.seed)

    def submit(self, job: Job) -> "Future[Outcome]":
        """Return the outcome of a cell."""
        future: Future[Outcome] = Future()
        future.set_result(self.settle(job))
        return future

    def cancel(self) -> None:
        """Do nothing: nothing is ever in flight."""

    def close(self) -> None:
        """Do nothing."""


@final
@dataclass(frozen=True, slots=True)
class CellContract:
    """Cells of a benchmark, searched by validation accuracy."""

    name: str = "cell"
    defines: str = "operations"
    metric: Metric = ACCURACY
    network: str = ""

    def starters(self) -> Sequence[Record]:
        """Return nothing: strategies begin in the pool of the table."""
        return ()

    def check(self, source: str, *, with_policy: bool) -> Sequence[Failure]:
        """Return why `source` is no cell, if it is none."""
        try:
            read_cell(source)
        except ValueError as error:
            return (Failure(Stage.PARSE, FailureKind.MALFORMED, str(error)),)
        return ()

    def complete(self, source: str) -> str:
        """Return `source`."""
        return source

    def spec(self, config: StudyConfig) -> DataSpec:
        """Return the benchmark's name; its images are seen by nobody here."""
        options = options_of(config, "cells", CellsOptions)
        return DataSpec(options.dataset, f"{options.space}, {options.dataset}", (3, 32, 32), (), 0, 0)

    def table(self, config: StudyConfig) -> PublishedTable:
        """Return the benchmark's table of one data set."""
        options = options_of(config, "cells", CellsOptions)
        sentence = f"Every {self.metric.name} is a published one, looked up in the table of {options.space}: no images"
        return PublishedTable(
            f"{options.space}/{options.dataset}", options.strategy, f"{sentence} were seen and nothing was trained"
        )

    def load(self, config: StudyConfig) -> TableOracle:
        """Return the table; raises UnknownNameError, DataError, and UsageError for a search by test accuracy."""
        if config.data.protocol is SplitProtocol.LEMUR:
            raise UsageError("cells are searched by validation accuracy", "leave out data.protocol = lemur")
        options = options_of(config, "cells", CellsOptions)
        return load_oracle(options.space, options.dataset)

    def start(self, config: StudyConfig, data: TableOracle) -> TableExecutor:
        """Return what looks cells up in the table."""
        return TableExecutor(data, data.test)

    def check_test(self, config: StudyConfig, data: TableOracle) -> None:
        """Raise DataError for a table without test accuracies."""
        if not data.has_test:
            raise DataError(
                f"the table has no test accuracy: {data.pool}",
                f"put the original {FILES[0]} beside it, or {FILES[1]}, and search that",
            )


CELL = CellContract()
