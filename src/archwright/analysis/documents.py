"""Parts of the documents that `--json` prints: fields by their names, intervals as pairs."""

from archwright.analysis.intervals import Interval


def picked(value: object, *names: str) -> dict[str, object]:
    """Return the fields `names` of `value`, in that order."""
    return {name: getattr(value, name) for name in names}


def bounds(interval: Interval | None) -> list[float] | None:
    """Return [low, high]."""
    return None if interval is None else [interval.low, interval.high]
