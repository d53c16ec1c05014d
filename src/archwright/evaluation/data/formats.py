"""The formats data sets are read from; a new one is one file with a `FORMAT` and one line here."""

from pathlib import Path

from archwright.evaluation.data import digits, parquet
from archwright.evaluation.data.sources import Format, Source

# Tried in this order; the most specific names first.
FORMATS = {form.name: form for form in (parquet.FORMAT, digits.FORMAT)}


def recognise(path: Path) -> Source | None:
    """Return the data set at `path` in whichever format it is, or None; looks at names only."""
    for form in FORMATS.values():
        source = form.find(path)
        if source is not None:
            return source
    return None
