"""Parts of the documents that `--json` prints: fields by their names, intervals as pairs."""

import math

from archwright.analysis.intervals import Interval


def picked(value: object, *names: str) -> dict[str, object]:
    """Return the fields `names` of `value`, in that order."""
    return {name: getattr(value, name) for name in names}


def bounds(interval: Interval | None) -> list[float | None] | None:
    """Return [low, high]; None for an end that is infinite, which JSON has no number for."""
    if interval is None:
        return None
    return [None if math.isinf(end) else end for end in (interval.low, interval.high)]
