"""Starters by the names people call them by."""

from collections.abc import Sequence

from archwright.candidate import Record
from archwright.errors import UnknownNameError


def by_name(starters: Sequence[Record]) -> dict[str, Record]:
    """Return name -> starter in their order; of several with one name the first, and one without is `starter N`."""
    named: dict[str, Record] = {}
    for number, record in enumerate(starters, start=1):
        named.setdefault(record.candidate.operation or f"starter {number}", record)
    return named


def chosen(names: Sequence[str], known: Sequence[str]) -> tuple[str, ...]:
    """Return `names`, or all that are known where none is given; raises UnknownNameError for one that is no starter."""
    for name in names:
        if name not in known:
            raise UnknownNameError.of("starter", name, known)
    return tuple(names or known)
