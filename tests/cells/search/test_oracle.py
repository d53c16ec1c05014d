import pytest

from archwright.cells import nasbench101
from archwright.cells.cell import Cell
from archwright.cells.search.oracle import TableOracle, load_oracle
from archwright.cells.tables import CellTable
from archwright.errors import UnknownNameError


def test_the_search_sees_validation_and_the_report_test(table201: CellTable) -> None:
    """The best cells by validation, as published: what an honest search can report at most."""
    best = {name: TableOracle(table201, name) for name in ("c10", "c100", "in16")}
    seen = {name: round(100 * (oracle(oracle.best) or 0), 2) for name, oracle in best.items()}
    reported = {name: round(100 * (oracle.test(oracle.best) or 0), 2) for name, oracle in best.items()}
    assert seen == {"c10": 91.61, "c100": 73.49, "in16": 46.73}
    assert reported == {"c10": 94.37, "c100": 73.51, "in16": 46.20}
    assert best["c10"].pool == "all 15,625 cells of NAS-Bench-201"


def test_the_subset_of_101_is_a_closed_pool(table101: CellTable) -> None:
    oracle = TableOracle(table101, "c10")
    assert oracle(oracle.best) == table101.columns["val_acc_e108"].max()
    assert oracle.test(oracle.best) is None
    assert oracle.pool == "closed pool: the 30,001 measured cells of NAS-Bench-101's 423,624"
    cells = nasbench101.neighbours(table101.cells[0])
    assert {oracle(cell) is None for cell in cells} == {True, False}
    assert oracle(Cell(frozenset(), ())) is None


def test_unknown_names_are_refused() -> None:
    with pytest.raises(UnknownNameError, match="unknown space"):
        load_oracle("nasbench301", "c10")
    with pytest.raises(UnknownNameError, match="data set of nasbench101"):
        load_oracle("nasbench101", "c100")
