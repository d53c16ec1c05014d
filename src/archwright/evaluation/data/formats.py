"""The formats data sets are read from; a new one is one file with a `FORMAT` and one line here."""

from pathlib import Path

from archwright.errors import DataError
from archwright.evaluation.data import arrays, cifar, digits, folders, idx, parquet, svhn, tables
from archwright.evaluation.data.sources import Source
from archwright.evaluation.data.tree import folders_in

# Tried in this order; class folders last, because almost any folder could be some.
FORMATS = {
    form.name: form
    for form in (
        *(parquet.FORMAT, cifar.FORMAT, idx.FORMAT, svhn.FORMAT, digits.FORMAT, arrays.FORMAT, tables.FORMAT),
        folders.FORMAT,
    )
}
MAX_WRAPPERS = 8


def recognise(path: Path, wrappers: int = MAX_WRAPPERS) -> list[Source]:
    """Return the data set at `path`, else those in a folder's children in order of their names.

    A folder around nothing but a folder is looked through. Raises DataError for a folder that may not be listed, and
    for one whose data set lacks something or is not the only one.
    """
    try:
        own = _recognise_one(path)
        if own is not None or not path.is_dir():
            return [own] if own is not None else []
        folders_here = folders_in(path)
        found = [source for child in folders_here if (source := _recognise_one(child))]
    except OSError as error:
        raise DataError(f"{path} cannot be read ({error})", "correct its permissions") from None
    if not found and len(folders_here) == 1 and wrappers:
        return recognise(folders_here[0], wrappers - 1)
    return found


def _recognise_one(path: Path) -> Source | None:
    for form in FORMATS.values():
        source = form.find(path)
        if source is not None:
            return source
    return None
