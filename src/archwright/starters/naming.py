"""Starters by the names people call them by."""

from collections.abc import Sequence

from archwright.candidate import Record


def by_name(starters: Sequence[Record]) -> dict[str, Record]:
    """Return name -> starter in their order; of several with one name the first, and one without is `starter N`."""
    named: dict[str, Record] = {}
    for number, record in enumerate(starters, start=1):
        named.setdefault(record.candidate.operation or f"starter {number}", record)
    return named
