"""Designed experiments: the cells of a design, one after the other, whatever comes of them.

A sweep has no state: the cell of a candidate follows from its key, so that a killed study goes on where it was and one
that was given more cycles goes on in the same design.
"""

from archwright.config import StudyConfig
from archwright.designs import SweepOptions, designed
from archwright.elite import ThresholdAdmission
from archwright.generators.generator import Request
from archwright.strategies.strategy import View


class SweepStrategy(ThresholdAdmission):
    """Asks for the cells of the generator's design in order, and for nothing more when all were asked for.

    Fewer candidates than cells (`loop.cycles` x `loop.candidates`) are the first part of the design.
    """

    learns = False
    Options = SweepOptions

    def __init__(self, config: StudyConfig) -> None:
        self._config = config
        self._fidelity = config.as_task().fidelity

    def ask(self, view: View) -> list[Request]:
        """Return the rest of the cycle; the outcomes so far change nothing."""
        design = designed(self._config, view.starters)
        if design is None:
            raise ValueError("the strategy sweep was given a study by another one")
        places = [(key.cycle - 1) * self._config.loop.candidates + key.index for key in view.next_keys(view.left)]
        cells = [design.cells[place] for place in places if place < len(design.cells)]
        return [Request(choice=cell, at=design.at(cell, self._fidelity)) for cell in cells]
