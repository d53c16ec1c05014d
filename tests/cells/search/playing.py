"""Plays a strategy over cells in memory, for tests of strategies; searches themselves are studies (`searching`)."""

from collections.abc import Callable

from archwright.candidate import Candidate, Key, Outcome, Record, Scores, Stage, Trial
from archwright.cells.cell import Cell, write_cell
from archwright.cells.search.asking import Queries
from archwright.cells.search.space import SearchSpace
from archwright.cells.search.strategy import CellStrategy, Measurement


class Play:
    """One strategy, and what it has asked for and been told."""

    def __init__(self, space: SearchSpace, strategy: CellStrategy, measure: Callable[[Cell], float | None]) -> None:
        self._strategy, self._measure, self._queries = strategy, measure, Queries(space)
        self._batch: list[Cell] = []
        self._told: list[Measurement] = []

    def run(self, queries: int) -> None:
        """Play until so many cells are measured or nothing is asked for."""
        while len(self.queries) < queries:
            self._batch = self._batch or list(self._strategy.ask())
            if not self._batch:
                return
            self._told.append(self._queries.take(self._record(self._batch[len(self._told)])))
            if len(self._told) == len(self._batch):
                told, self._told, self._batch = self._told, [], []
                self._strategy.tell(told)

    @property
    def queries(self) -> list[Measurement]:
        return self._queries.found

    @property
    def proposals(self) -> int:
        return self._queries.proposals

    @property
    def incumbent(self) -> Measurement:
        return max(self.queries, key=lambda query: query.accuracy or 0.0)

    def _record(self, cell: Cell) -> Record:
        program = write_cell(cell)
        candidate = Candidate(Key(1, 0), program, "cell", 0)
        accuracy = self._measure(cell) if cell.operations else None
        if accuracy is None:
            return Record(candidate)
        outcome = Outcome(Stage.SCORE, scores=Scores({"accuracy": accuracy}, 0))
        return Record(candidate, {Trial(program.digest, 0): outcome})
