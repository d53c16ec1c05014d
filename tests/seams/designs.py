"""A designed experiment in miniature, shared by the sketches of MoE4 and pairing."""

from collections.abc import Iterator, Sequence
from itertools import islice

from archwright.candidate import Candidate, Json, Program, Record
from archwright.elite import ThresholdAdmission
from archwright.generators.generator import Models, Request
from archwright.llm.model import Prompt
from archwright.llm.pairs import Pair
from archwright.strategies.strategy import View
from archwright.testing.programs import GOOD


class Design(ThresholdAdmission):
    """Asks for the cells of a design in order, all at once."""

    learns = False

    def __init__(self, cells: Sequence[dict[str, Json]]) -> None:
        self._cells = cells

    def ask(self, view: View) -> list[Request]:
        first = len(view.records)
        return [Request(choice=cell) for cell in islice(self._cells, first, first + view.left)]


class Assembler:
    """Writes the choice into the program and keeps it."""

    name, roles = "assembler", ()

    def prompt_for(self, request: Request) -> Prompt | None:
        return None

    def write(self, requests: Sequence[Request], models: Models) -> Iterator[list[Candidate]]:
        for request in requests:
            source = f"{GOOD.source}\n# {sorted(request.choice.items())}\n"
            yield [request.candidate(self.name, Program(source), facts=dict(request.choice))]

    def lessons(self, elite: Sequence[Record], known: Sequence[Record]) -> list[Pair]:
        return []
