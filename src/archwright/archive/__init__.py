"""The archive of a study: every candidate, outcome, verdict, adapter and cost, in a database that survives `kill -9`.

SQLAlchemy is imported with the first use of `Archive`, `digest` or `rows`, not with this package.
"""

from typing import TYPE_CHECKING, Any

from archwright.archive.ledger import AdapterRow, CostRow, CycleRow, OpeningRow, Session

if TYPE_CHECKING:
    from archwright.archive.archive import Archive
    from archwright.archive.comparison import digest, rows

__all__ = ["AdapterRow", "Archive", "CostRow", "CycleRow", "OpeningRow", "Session", "digest", "rows"]


def __getattr__(name: str) -> Any:
    if name == "Archive":
        from archwright.archive.archive import Archive

        return Archive
    if name in ("digest", "rows"):
        from archwright.archive import comparison

        return getattr(comparison, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
