"""Finalists of a search over cells: their test accuracy is looked up, never their validation accuracy again."""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest

from archwright.archive import Archive
from archwright.assembly import Parts
from archwright.cells.cell import Cell, write_cell
from archwright.cells.search import contract
from archwright.cells.search.asking import CellsStrategy
from archwright.cells.search.contract import TableExecutor
from archwright.cells.search.options import CellsOptions
from archwright.cells.search.oracle import TableOracle
from archwright.cells.search.registry import new_strategy
from archwright.cells.search.searching import SETTINGS, search_cells, search_config
from archwright.cells.search.space import SEARCH_SPACES
from archwright.cells.tables import CellTable
from archwright.configuring import load_config
from archwright.errors import DataError, UsageError
from archwright.finals import evaluate_finalists

VALIDATION, TEST = "c10_val200", "c10_test200"
MakeOracle = Callable[..., TableOracle]


@pytest.fixture
def make_oracle(pool: Sequence[Cell], accuracy: Callable[[Cell], float]) -> MakeOracle:
    """Make a table of a few cells; the test accuracy of each is half of its validation accuracy."""

    def key(cell: Cell) -> str:
        return write_cell(cell).source

    def make(*columns: str) -> TableOracle:
        cells = pool[:20]
        validation = np.array([accuracy(cell) for cell in cells])
        measured = {VALIDATION: validation, TEST: validation / 2}
        rows = {key(cell): row for row, cell in enumerate(cells)}
        table = CellTable("nasbench201", cells, {name: measured[name] for name in columns}, rows, key)
        return TableOracle(table, "c10")

    return make


def searched(oracle: TableOracle, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(contract, "load_oracle", lambda *_: oracle)
    config = search_config(CellsOptions(queries=5), 0)
    strategy = new_strategy("random", SEARCH_SPACES["nasbench201"], oracle.table.cells, 0)
    parts = Parts(strategy=CellsStrategy(config, strategy), executor=TableExecutor(oracle))
    search_cells(config, folder, parts=parts)
    return folder


def test_a_finalist_has_its_test_accuracy(
    make_oracle: MakeOracle, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = searched(make_oracle(VALIDATION, TEST), tmp_path / "search", monkeypatch)
    (finalist,) = evaluate_finalists(folder, top=1, seeds=2).finalists
    selected = finalist.record.value("accuracy")
    assert selected
    assert [outcome.value("accuracy") for outcome in finalist.outcomes] == [selected / 2] * 2


def test_a_table_without_test_accuracies_is_refused_before_anything_is_opened(
    make_oracle: MakeOracle, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = searched(make_oracle(VALIDATION), tmp_path / "search", monkeypatch)
    with Archive.open(folder, read_only=True) as archive:
        before = archive.records()
    with pytest.raises(DataError, match=r"the table has no test accuracy: .* — put the original nasbench_only108"):
        evaluate_finalists(folder, top=1)
    with Archive.open(folder, read_only=True) as archive:
        assert (archive.openings(), archive.records()) == ([], before)


def test_no_search_files_validation_accuracies_as_those_of_the_test_split() -> None:
    with pytest.raises(UsageError, match="cells are searched by validation accuracy"):
        contract.CELL.load(load_config(settings=[*SETTINGS, "data.protocol=lemur"]))
