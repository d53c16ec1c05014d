"""The seam between a search and how it chooses: a strategy asks for cells and is told how they did."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from archwright.cells.cell import Cell


@dataclass(frozen=True, slots=True)
class Measurement:
    """A proposed cell and what is known of it."""

    cell: Cell
    accuracy: float | None
    """On the validation images, in [0, 1]; None when it was not measured: outside the space or a closed pool."""
    is_query: bool
    """Whether it counts: measured, and for the first time. What was measured before is known and costs nothing."""


class CellStrategy(Protocol):
    """Chooses cells. Its state depends on what it was told alone, so a search is resumed by telling it all again.

    Between two calls of `tell`, `ask` returns the same cells.
    """

    def ask(self) -> Sequence[Cell]:
        """Return the cells to measure next, none when the strategy has finished.

        They may be outside the space, as a model's may be, and may have been asked for before.
        """

    def tell(self, batch: Sequence[Measurement]) -> None:
        """Take in all cells of the latest batch, in the order in which they were asked for."""
