"""The seam to kinds of candidates: a Contract says what a program of its kind must define and how it is treated."""

from collections.abc import Sequence
from typing import Protocol

from archwright.candidate import Failure, Record
from archwright.task import Metric


class Contract(Protocol):
    """One kind of candidate. Stateless; the same object serves every study."""

    @property
    def name(self) -> str:
        """As in `loop.contract`."""
        ...

    @property
    def defines(self) -> str:
        """The name that a program must bind at module level, by which it is found in a model's answer."""
        ...

    @property
    def box(self) -> str:
        """`module:function` that runs in the box and trains a program of this kind."""
        ...

    @property
    def metric(self) -> Metric:
        """What decides who is better; its name is a key of every `Scores.values`."""
        ...

    def starters(self) -> Sequence[Record]:
        """Return the programs a study begins with, as parents for requests: records without an outcome, in cycle 0."""
        ...

    def check(self, source: str, *, with_policy: bool) -> Sequence[Failure]:
        """Return every finding that needs no run, at the stages `parse`, `policy` and `contract`."""
        ...

    def complete(self, source: str) -> str:
        """Return the full form of a program in compact form; any other text comes back unchanged."""
        ...
