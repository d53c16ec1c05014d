"""The loop of a search over cells: ask, measure, count, tell."""

from collections.abc import Callable, Sequence

from archwright.cells.cell import Cell
from archwright.cells.search.log import SearchLog
from archwright.cells.search.space import SearchSpace
from archwright.cells.search.strategy import CellStrategy, Measurement

Evaluator = Callable[[Cell], float | None]
"""Returns a cell's validation accuracy, None when it cannot be measured: a table, or whatever trains it."""
PATIENCE = 50_000
"""Proposals in a row without a query after which a search ends: its strategy has nothing new to ask."""


class CellSearch:
    """One search: a strategy, what measures its cells, and what both have done.

    Queries count cells that were measured for the first time; a cell proposed again is answered from memory, and one
    without a measurement costs nothing. Proposals count all of them.
    """

    def __init__(
        self, space: SearchSpace, strategy: CellStrategy, evaluate: Evaluator, log: SearchLog | None = None
    ) -> None:
        self._space = space
        self._strategy = strategy
        self._evaluate = evaluate
        self._log = log
        self._known: dict[str, float | None] = {}
        self._batch: Sequence[Cell] = ()
        self._answers: list[Measurement] = []
        self._idle = 0
        self.proposals = 0
        self.queries: list[Measurement] = []
        """The measured cells, in order."""
        for batch in log.batches if log else ():
            self._batch = batch.cells
            for cell, accuracy in zip(batch.cells, batch.accuracies, strict=False):
                self._take(cell, self._key(cell), accuracy)

    def run(self, queries: int, observe: Callable[["CellSearch"], None] = lambda search: None) -> None:
        """Search until `queries` cells are measured or the strategy has nothing to ask; `observe` is called after each.

        Calling it again with a larger number goes on where it was. Raises what the evaluator and the log raise.
        """
        while len(self.queries) < queries and self._idle < PATIENCE:
            if not self._batch:
                self._batch = self._strategy.ask()
                if not self._batch:
                    return
                if self._log:
                    self._log.ask(self._batch)
            cell = self._batch[len(self._answers)]
            key = self._key(cell)
            accuracy = self._measure(cell, key)
            if self._log:
                self._log.tell(accuracy)
            if self._take(cell, key, accuracy):
                observe(self)

    @property
    def incumbent(self) -> Measurement:
        """The measured cell of the highest validation accuracy, the first of equals; ValueError before the first."""
        return max(self.queries, key=lambda query: query.accuracy or 0.0)

    def _measure(self, cell: Cell, key: str | None) -> float | None:
        if key is None:
            return None
        return self._known[key] if key in self._known else self._evaluate(cell)

    def _take(self, cell: Cell, key: str | None, accuracy: float | None) -> bool:
        """Count an answer, tell the strategy at the end of a batch, and return whether it was a query."""
        is_query = accuracy is not None and key not in self._known
        if key is not None:
            self._known[key] = accuracy
        measurement = Measurement(cell, accuracy, is_query)
        self.proposals += 1
        self._idle = 0 if is_query else self._idle + 1
        if is_query:
            self.queries.append(measurement)
        self._answers.append(measurement)
        if len(self._answers) == len(self._batch):
            answers, self._answers, self._batch = self._answers, [], ()
            self._strategy.tell(answers)
        return is_query

    def _key(self, cell: Cell) -> str | None:
        try:
            return self._space.key(cell)
        except ValueError:
            return None


def incumbents(queries: Sequence[Measurement]) -> list[Measurement]:
    """Return the best cell after each query, by validation accuracy."""
    best: list[Measurement] = []
    for query in queries:
        is_better = not best or (query.accuracy or 0.0) > (best[-1].accuracy or 0.0)
        best.append(query if is_better else best[-1])
    return best
