"""The seam to strategies: what to ask for next, and what to learn from."""

from collections.abc import Sequence
from typing import Protocol

from archwright.candidate import Record
from archwright.generators.generator import Request


class Strategy(Protocol):
    """Decides what to ask for next and what the model learns from.

    A strategy keeps no state between calls: everything follows from the records, so that a resumed study goes on
    exactly where the interrupted one stopped.
    """

    @property
    def learns(self) -> bool:
        """Whether the language model is fine-tuned on the elite between cycles."""
        ...

    def ask(self, cycle: int, records: Sequence[Record]) -> list[Request]:
        """Return the next requests of `cycle`; empty when the cycle is complete.

        `records` are all candidates so far, in order, and every one of them has its outcome.
        """
        ...
