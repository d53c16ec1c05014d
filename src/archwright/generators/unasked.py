"""What generators that ask no language model have in common."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from typing import ClassVar

from archwright.candidate import Candidate, Record
from archwright.generators.generator import Models, Request
from archwright.llm.model import Prompt
from archwright.llm.pairs import Pair


class WithoutModel(ABC):
    """A generator whose candidates follow from the request alone; there is no model to ask or to teach."""

    name: ClassVar[str]
    roles: ClassVar[tuple[str, ...]] = ()

    def prompt_for(self, request: Request) -> Prompt | None:
        """Return None."""
        return None

    def write(self, requests: Sequence[Request], models: Models) -> Iterator[list[Candidate]]:
        """Yield one candidate per request, all together."""
        if requests:
            yield [self.candidate(request) for request in requests]

    def lessons(self, elite: Sequence[Record], known: Sequence[Record]) -> list[Pair]:
        """Return nothing."""
        return []

    @abstractmethod
    def candidate(self, request: Request) -> Candidate:
        """Return the candidate that answers `request`."""


def unchanged(parent: Record, kind: str) -> str:
    """Return the operation of a candidate that is its parent, with the name of a starter, which are of this `kind`."""
    candidate = parent.candidate
    return f"{kind} {candidate.operation}" if candidate.generator == "corpus" else "unchanged"
