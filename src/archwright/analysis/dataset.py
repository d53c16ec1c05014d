"""What a data set is, in a JSON object and in a few lines: for the terminal, the archive and the report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from archwright.analysis.text import one_line, printable

if TYPE_CHECKING:
    from archwright.task import DataSpec

MOST_CLASSES = 12
"""Named in a line."""
MOST_TEXT = 600
"""Characters of a warning, which may list many files."""


def describe_data(spec: DataSpec) -> dict[str, object] | None:
    """Return shape, classes with their numbers of images, pixel range and warnings; None where nobody looked."""
    if spec.facts is None:
        return None
    return {
        "title": printable(spec.title),
        "image_shape": list(spec.image_shape),
        "classes": dict(zip(map(printable, spec.class_names), spec.facts.class_counts, strict=True)),
        "test_images": spec.test_images,
        "pixel_range": list(spec.facts.pixel_range),
        "warnings": list(map(printable, spec.facts.warnings)),
    }


def data_lines(described: object) -> list[str]:
    """Return one line on what `describe_data` returned, and one for each warning.

    An archive may hold anything in its place: what is no such object has no lines.
    """
    if not isinstance(described, Mapping):
        return []
    classes, shape, pixels = (described.get(key) for key in ("classes", "image_shape", "pixel_range"))
    if not (isinstance(classes, Mapping) and _are_numbers(classes.values()) and _are_numbers(shape)):
        return []
    counts = [int(count) for count in classes.values()]
    if len(set(counts)) == 1:
        names = ", ".join(map(str, list(classes)[:MOST_CLASSES]))
        each = f"{counts[0]:,} images of each of {len(counts):,} classes ({names}"
    else:
        names = ", ".join(f"{name} {count:,}" for name, count in list(classes.items())[:MOST_CLASSES])
        each = f"{sum(counts):,} images of {len(counts):,} classes ({names}"
    more = f", and {len(counts) - MOST_CLASSES:,} more)" if len(counts) > MOST_CLASSES else ")"
    size = " × ".join(map(str, shape)) if isinstance(shape, Sequence) else ""
    seen = f", pixels {pixels[0]} to {pixels[-1]} of 255" if isinstance(pixels, Sequence) and pixels else ""
    test = f", {described.get('test_images')} more for the test" if described.get("test_images") else ""
    warnings = described.get("warnings")
    return [
        one_line(f"data: {each}{more}, {size}{seen}{test}", MOST_TEXT),
        *(
            one_line(f"warning: {warning}", MOST_TEXT)
            for warning in (warnings if isinstance(warnings, Sequence) and not isinstance(warnings, str) else ())
        ),
    ]


def _are_numbers(values: object) -> bool:
    try:
        return all(isinstance(value, int) and value >= 0 for value in values)  # type: ignore[attr-defined]
    except TypeError:
        return False
