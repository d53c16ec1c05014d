"""What `archwright tasks` shows: every known data set, and whether this machine has it."""

from dataclasses import dataclass

from archwright.errors import DataError, UsageError
from archwright.evaluation.data.catalog import find_entry, known_names
from archwright.evaluation.data.resolve import find_known, what_to_put_where


@dataclass(frozen=True, slots=True)
class TaskEntry:
    """A data set one can name as a task."""

    name: str
    title: str
    image_shape: tuple[int, int, int]
    """(C, H, W)."""
    classes: int
    train_images: int
    test_images: int
    is_available: bool
    where: str
    """Where it was found, or what to put where to have it."""
    terms: str
    """Licence or terms of use."""
    download_bytes: int
    """What a search would download first; 0 when it is available or the size is not known."""


def describe_tasks() -> list[TaskEntry]:
    """Return every known data set in the catalogue's order; downloads, reads and decodes nothing."""
    return [_describe(name) for name in known_names()]


def _describe(name: str) -> TaskEntry:
    try:
        entry = find_entry(name)
    except UsageError as error:  # Another package's: the others can be named all the same.
        return TaskEntry(name, name, (0, 0, 0), 0, 0, 0, False, str(error), "", 0)
    try:
        found, problem = find_known(entry), ""
    except DataError as error:
        found, problem = None, str(error)
    return TaskEntry(
        name=name,
        title=entry.title,
        image_shape=entry.image_shape,
        classes=entry.classes,
        train_images=entry.train_images,
        test_images=entry.test_images,
        is_available=found is not None,
        where=found.origin if found else problem or what_to_put_where(entry),
        terms=entry.terms,
        download_bytes=0 if found else sum(file.size for file in entry.files),
    )
