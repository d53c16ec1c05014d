"""A benchmark's table as the evaluator of a search: validation accuracy to search by, test accuracy to report."""

from dataclasses import dataclass

from archwright.cells import nasbench101
from archwright.cells.cell import Cell
from archwright.cells.tables import CellTable, load_nasbench101, load_nasbench201
from archwright.errors import UnknownNameError

DATASETS = {"nasbench101": ("c10",), "nasbench201": ("c10", "c100", "in16")}
"""By space: CIFAR-10, CIFAR-100 and ImageNet16-120."""


@dataclass(frozen=True, slots=True)
class TableOracle:
    """Answers with the published measurements of one data set.

    NAS-Bench-201: after 200 epochs, means over the published training seeds; the search sees `val200`, which for
    CIFAR-10 is half of the training images. NAS-Bench-101: after 108 epochs, means over the three runs in the original
    table; in the subset one run's validation accuracy.
    """

    table: CellTable
    dataset: str

    def __call__(self, cell: Cell) -> float | None:
        """Return the validation accuracy of `cell`, None when it was not measured."""
        row = self.table.row_of(cell)
        return None if row is None else float(self.table.columns[self._validation][row])

    def test(self, cell: Cell) -> float | None:
        """Return the test accuracy of a measured cell for the report; the subset of NAS-Bench-101 has none."""
        row = self.table.row_of(cell)
        return None if row is None or self._test is None else float(self.table.columns[self._test][row])

    @property
    def has_test(self) -> bool:
        """Whether the table has test accuracies."""
        return self._test is not None

    @property
    def best(self) -> Cell:
        """The cell with the highest validation accuracy: the most that a search can find."""
        return self.table.cells[int(self.table.columns[self._validation].argmax())]

    @property
    def pool(self) -> str:
        """What can be measured, in words for tables and messages."""
        cells = f"{len(self.table.cells):,}"
        if self.table.space == "nasbench201":
            return f"all {cells} cells of NAS-Bench-201"
        if len(self.table.cells) == nasbench101.CELLS:
            return f"all {cells} cells of NAS-Bench-101"
        return f"closed pool: the {cells} measured cells of NAS-Bench-101's {nasbench101.CELLS:,}"

    @property
    def _validation(self) -> str:
        return "val_acc_e108" if self.table.space == "nasbench101" else f"{self.dataset}_val200"

    @property
    def _test(self) -> str | None:
        name = "test_acc_e108" if self.table.space == "nasbench101" else f"{self.dataset}_test200"
        return name if name in self.table.columns else None


def load_oracle(space: str, dataset: str) -> TableOracle:
    """Return the oracle of a data set of `DATASETS`; raises UnknownNameError, and DataError when there is no table."""
    if space not in DATASETS:
        raise UnknownNameError.of("space", space, DATASETS)
    if dataset not in DATASETS[space]:
        raise UnknownNameError.of(f"data set of {space}", dataset, DATASETS[space])
    table = load_nasbench101() if space == "nasbench101" else load_nasbench201()
    return TableOracle(table, dataset)
