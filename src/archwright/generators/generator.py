"""The seam to generators: how a candidate is written."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from archwright.candidate import Candidate, Key, Record


@dataclass(frozen=True, slots=True)
class Request:
    """What a strategy asks of a generator: one candidate, from these parents."""

    key: Key
    seed: int
    parents: tuple[Record, ...] = ()
    """Known programs with their outcomes, the first one to be changed, the others to be quoted."""


class Generator(Protocol):
    """Writes one candidate per request."""

    name: str

    def generate(self, requests: Sequence[Request]) -> list[Candidate]:
        """Return one candidate per request, in order.

        Always returns a candidate: a completion without a program becomes a Program that fails at `parse`.
        The same request gives the same candidate as long as the model (if any) is deterministic.
        """
        ...
