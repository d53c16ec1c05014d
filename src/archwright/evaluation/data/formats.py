"""The formats data sets are read from; a new one is one file with a `FORMAT` and one line here."""

from pathlib import Path

from archwright.errors import DataError
from archwright.evaluation.data import cifar, digits, folders, idx, parquet, svhn
from archwright.evaluation.data.sources import Source

# Tried in this order; class folders last, because almost any folder could be some.
FORMATS = {
    form.name: form for form in (parquet.FORMAT, cifar.FORMAT, idx.FORMAT, svhn.FORMAT, digits.FORMAT, folders.FORMAT)
}


def recognise(path: Path) -> list[Source]:
    """Return the data set at `path`, else those in a folder's children in order of their names.

    Looks at names only. Raises DataError for a folder that may not be listed.
    """
    try:
        own = _recognise_one(path)
        if own is not None or not path.is_dir():
            return [own] if own is not None else []
        found = [_recognise_one(child) for child in sorted(path.iterdir())]
    except OSError as error:
        raise DataError(f"{path} cannot be read ({error})", "correct its permissions") from None
    return [source for source in found if source is not None]


def _recognise_one(path: Path) -> Source | None:
    for form in FORMATS.values():
        source = form.find(path)
        if source is not None:
            return source
    return None
