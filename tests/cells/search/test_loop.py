from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from archwright.cells import nasbench201
from archwright.cells.cell import Cell
from archwright.cells.search import loop
from archwright.cells.search.log import SearchLog
from archwright.cells.search.loop import CellSearch, incumbents
from archwright.cells.search.registry import new_strategy
from archwright.cells.search.space import SEARCH_SPACES
from archwright.cells.search.strategy import Measurement

SPACE = SEARCH_SPACES["nasbench201"]
Accuracy = Callable[[Cell], float]
OUTSIDE = Cell(frozenset(), ())


class Scripted:
    """Asks for what it was given."""

    def __init__(self, batches: Sequence[Sequence[Cell]]) -> None:
        self.left = list(batches)
        self.told: list[Measurement] = []

    def ask(self) -> Sequence[Cell]:
        return self.left[0] if self.left else []

    def tell(self, batch: Sequence[Measurement]) -> None:
        self.told += batch
        self.left.pop(0)


def test_only_cells_measured_for_the_first_time_are_queries(pool: Sequence[Cell], accuracy: Accuracy) -> None:
    one, two, unmeasured = pool[:3]
    asked: list[Cell] = []

    def evaluate(cell: Cell) -> float | None:
        asked.append(cell)
        return None if cell == unmeasured else accuracy(cell)

    strategy = Scripted([[one, OUTSIDE, one], [unmeasured, two, unmeasured]])
    search = CellSearch(SPACE, strategy, evaluate)
    search.run(10)
    assert [query.cell for query in search.queries] == [one, two]
    assert search.proposals == 6
    assert asked == [one, unmeasured, two]
    assert [item.is_query for item in strategy.told] == [True, False, False, False, True, False]
    assert [item.accuracy for item in strategy.told[:3]] == [accuracy(one), None, accuracy(one)]


def test_the_budget_ends_a_search_inside_a_batch(pool: Sequence[Cell], accuracy: Accuracy) -> None:
    search = CellSearch(SPACE, Scripted([pool[:5]]), accuracy)
    search.run(3)
    assert [query.cell for query in search.queries] == pool[:3]
    search.run(4)
    assert [query.cell for query in search.queries] == pool[:4]


def test_a_strategy_with_nothing_new_ends_the_search(
    pool: Sequence[Cell], accuracy: Accuracy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loop, "PATIENCE", 20)
    search = CellSearch(SPACE, Scripted([pool[:1]] * 100), accuracy)
    search.run(2)
    assert (len(search.queries), search.proposals) == (1, 21)


def test_the_incumbent_is_the_best_by_validation_so_far(pool: Sequence[Cell], accuracy: Accuracy) -> None:
    search = CellSearch(SPACE, Scripted([pool[:50]]), accuracy)
    search.run(50)
    best = incumbents(search.queries)
    assert [item.accuracy for item in best] == [max(map(accuracy, pool[: n + 1])) for n in range(50)]
    assert search.incumbent == best[-1]


@pytest.mark.parametrize("name", ["random", "evolution", "local", "bayesian"])
def test_a_killed_search_goes_on_as_if_nothing_had_been(
    name: str, tmp_path: Path, pool: Sequence[Cell], accuracy: Accuracy
) -> None:
    def search(path: Path, queries: int, seed: int = 3) -> CellSearch:
        log = SearchLog(path, {"strategy": name})
        found = CellSearch(SPACE, new_strategy(name, SPACE, pool, seed), accuracy, log)
        found.run(queries)
        log.close()
        return found

    whole = search(tmp_path / "whole.jsonl", 60)
    text = (tmp_path / "whole.jsonl").read_bytes()
    for share in (0.1, 0.5, 0.9):
        torn = tmp_path / f"{share}.jsonl"
        torn.write_bytes(text[: int(share * len(text))])
        again = search(torn, 60)
        assert again.queries == whole.queries
        assert again.proposals == whole.proposals
        assert torn.read_bytes() == text
    assert search(tmp_path / "other.jsonl", 60, seed=4).queries != whole.queries
    assert all(nasbench201.check(query.cell) is None for query in whole.queries)
