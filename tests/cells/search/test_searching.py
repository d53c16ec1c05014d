"""Searches over cells run on the study that everything else runs on."""

import re
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest

from archwright.analysis.report.facts import read_facts
from archwright.analysis.report.html import render_html
from archwright.analysis.report.markdown import render_markdown
from archwright.assembly import Parts
from archwright.cells import nasbench201
from archwright.cells.cell import Cell, read_cell, write_cell
from archwright.cells.search import asking
from archwright.cells.search.asking import CellsStrategy, named_strategy
from archwright.cells.search.contract import TableExecutor
from archwright.cells.search.options import CellsOptions
from archwright.cells.search.oracle import TableOracle
from archwright.cells.search.registry import new_strategy
from archwright.cells.search.searching import CellSearch, search_cells, search_config
from archwright.cells.search.space import SEARCH_SPACES
from archwright.cells.search.strategy import CellStrategy, Measurement
from archwright.cells.tables import CellTable
from archwright.config import StudyConfig
from archwright.errors import StudyError, UsageError
from archwright.evaluation.evaluator import Job
from archwright.study import Study

SPACE = SEARCH_SPACES["nasbench201"]
Accuracy = Callable[[Cell], float | None]
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


class Interrupted:
    """Behaves, after so many cells, as if somebody had pressed Ctrl-C."""

    workers = 1

    def __init__(self, measure: Accuracy, cells: int) -> None:
        self._table, self._left = TableExecutor(measure), cells
        self.submit, self.cancel, self.close = self._table.submit, self._table.cancel, self._table.close

    def settle(self, job: Job):  # type: ignore[no-untyped-def]
        self._left -= 1
        if self._left < 0:
            raise KeyboardInterrupt
        return self._table.settle(job)


def configured(queries: int, seed: int = 3) -> StudyConfig:
    return search_config(CellsOptions(queries=queries), seed)


def searched(folder: Path, strategy: CellStrategy, measure: Accuracy, queries: int) -> CellSearch:
    config = configured(queries)
    return search_cells(
        config, folder, parts=Parts(strategy=CellsStrategy(config, strategy), executor=TableExecutor(measure))
    )


def test_more_queries_than_the_table_has_cells_are_refused(
    pool: Sequence[Cell], accuracy: Callable[[Cell], float]
) -> None:
    column = np.array([accuracy(cell) for cell in pool[:20]])
    oracle = TableOracle(CellTable("nasbench201", pool[:20], {"c10_val200": column}, {}, str), "c10")
    with pytest.raises(UsageError, match="21 queries are more than can be measured: all 20 cells .* at most 20"):
        named_strategy(CellsOptions(queries=21, strategy="random"), 0, oracle)
    assert named_strategy(CellsOptions(queries=20, strategy="random"), 0, oracle)


def test_only_cells_measured_for_the_first_time_are_queries(
    tmp_path: Path, pool: Sequence[Cell], accuracy: Callable[[Cell], float]
) -> None:
    one, two, unmeasured = pool[:3]
    strategy = Scripted([[one, OUTSIDE, one], [unmeasured, two, unmeasured]])
    search = searched(tmp_path / "run", strategy, lambda cell: None if cell == unmeasured else accuracy(cell), 10)
    assert [query.cell for query in search.queries] == [one, two]
    assert search.proposals == 6
    assert [item.is_query for item in strategy.told] == [True, False, False, False, True, False]
    assert [item.accuracy for item in strategy.told[:3]] == [accuracy(one), None, accuracy(one)]


def test_the_budget_ends_a_search_inside_a_batch_and_a_larger_one_goes_on(
    tmp_path: Path, pool: Sequence[Cell], accuracy: Callable[[Cell], float]
) -> None:
    batches = [pool[:5], pool[5:10]]
    search = searched(tmp_path / "run", Scripted(batches), accuracy, 3)
    assert [query.cell for query in search.queries] == pool[:3]
    search = searched(tmp_path / "run", Scripted(batches), accuracy, 7)
    assert [query.cell for query in search.queries] == pool[:7]
    assert searched(tmp_path / "run", Scripted(batches), accuracy, 7) == search


def test_a_strategy_with_nothing_new_ends_the_search(
    tmp_path: Path, pool: Sequence[Cell], accuracy: Callable[[Cell], float], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asking, "PATIENCE", 20)
    search = searched(tmp_path / "run", Scripted([pool[:1]] * 100), accuracy, 2)
    assert (len(search.queries), search.proposals) == (1, 21)


def test_the_incumbent_is_the_best_by_validation_so_far(
    tmp_path: Path, pool: Sequence[Cell], accuracy: Callable[[Cell], float]
) -> None:
    search = searched(tmp_path / "run", Scripted([pool[:50]]), accuracy, 50)
    assert [item.accuracy for item in search.incumbents] == [max(map(accuracy, pool[: n + 1])) for n in range(50)]
    assert search.incumbent == search.incumbents[-1]


@pytest.mark.parametrize(
    "name", ["evolution", "bayesian", *(pytest.param(name, marks=pytest.mark.slow) for name in ("random", "local"))]
)
def test_an_interrupted_search_goes_on_as_if_nothing_had_been(
    name: str, tmp_path: Path, pool: Sequence[Cell], accuracy: Callable[[Cell], float]
) -> None:
    def parts(config: StudyConfig, executor: object) -> Parts:
        inner = new_strategy(name, SPACE, pool, config.seed)
        return Parts(strategy=CellsStrategy(config, inner), executor=executor)  # type: ignore[arg-type]

    config = configured(24)
    whole = search_cells(config, tmp_path / "whole", parts=parts(config, TableExecutor(accuracy)))
    for after in (1, 13):
        folder = tmp_path / str(after)
        with Study(config, folder, parts=parts(config, Interrupted(accuracy, after))) as study:
            assert study.run().reason == "interrupted"
        assert search_cells(config, folder, parts=parts(config, TableExecutor(accuracy))) == whole
    assert all(nasbench201.check(query.cell) is None for query in whole.queries)


def test_a_folder_with_another_search_is_refused(
    tmp_path: Path, pool: Sequence[Cell], accuracy: Callable[[Cell], float]
) -> None:
    searched(tmp_path / "run", Scripted([pool[:5]]), accuracy, 3)
    other = configured(3, seed=4)
    with pytest.raises(StudyError, match="another search: seed 3, not 4"):
        search_cells(other, tmp_path / "run", parts=Parts(executor=TableExecutor(accuracy)))


def test_a_cell_is_a_program_and_back(pool: Sequence[Cell]) -> None:
    assert [read_cell(write_cell(cell).source) for cell in pool[:50]] == pool[:50]
    for text in ("", "x = 1", "operations = [1", "edges = [1]\noperations = []", "import os"):
        with pytest.raises(ValueError, match=r"not a cell|invalid|unpack|must be"):
            read_cell(text)


@pytest.fixture
def report(tmp_path: Path, pool: Sequence[Cell], accuracy: Callable[[Cell], float]) -> Path:
    """A search that proposed each of twelve cells twice, under another seed, and so looked it up twice."""
    folder = tmp_path / "run"
    searched(folder, Scripted([[*pool[:12], *pool[:12]]]), accuracy, 50)
    return folder


def test_looking_a_cell_up_again_is_no_second_training(report: Path) -> None:
    facts = read_facts(report)
    seeds = {trial.seed for record in facts.records for trial in record.outcomes}
    assert len(facts.records) == len(seeds) == 24
    assert facts.diagnostics.reliability.components is None
    assert facts.diagnostics.reliability.is_trusted is None
    assert (facts.changes.noise.programs, facts.changes.kinds) == (0, [])


def test_the_report_of_a_search_names_its_table_and_claims_nothing_of_images(report: Path) -> None:
    facts = read_facts(report)
    text, page = render_markdown(facts), render_html(facts)
    assert text.startswith("# nasbench201/c10, cells by bayesian\n")
    assert "<title>nasbench201/c10 · run</title>" in page
    sentence = (
        "Every accuracy is a published one, looked up in the table of nasbench201: no images were seen and nothing"
    )
    assert sentence in text
    assert sentence in page
    assert "6: the proxy ranks reliably | not known | nothing was trained with two seeds" in text
    assert re.search(r"candidates is 1\.\d+ \(.+\), with a validation accuracy of \d+\.\d %, too good", text)
    for wrong in ("digits, cells", "Protocol holdout", "– parameters", "Change against the parent", "none yet"):
        assert wrong not in text
    assert "No candidate ran in the sandbox" in text
