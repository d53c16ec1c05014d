"""What a data set is, in a JSON object and in a few lines: for the terminal, the archive and the report.

What the archive of a study says of its data is what they are held to whenever it goes on.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from archwright.analysis.text import one_line, printable
from archwright.errors import DataError, StudyError, UsageError, typed
from archwright.registry import DATA_SETS
from archwright.task import TASK_NAMES

if TYPE_CHECKING:
    from archwright.archive import Archive
    from archwright.config import StudyConfig
    from archwright.task import DataSpec

MOST_CLASSES = 12
"""Named in a line."""
MOST_TEXT = 600
"""Characters of a warning, which may list many files."""
_SETTING = re.compile(r"\bdata\.[a-z]")
SAME_MEAN = 0.002
"""How far the mean brightness of a channel moves at most when another version of a library decodes the same files."""


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
        "mean": [round(mean, 4) for mean in spec.facts.mean],
        "warnings": list(map(printable, spec.facts.warnings)),
    }


def require_same_data(archive: Archive, spec: DataSpec) -> None:
    """Raise StudyError where the data are not those that the study in `archive` has begun with."""
    seen = [data for session in archive.sessions() if isinstance(data := session.environment.get("data"), Mapping)]
    now = describe_data(spec)
    if not seen or now is None:
        return
    differing = [f"{what} {now[what]}, not {seen[0][what]}" for what in _differing(seen[0], now)]
    if differing:
        raise StudyError(
            one_line(f"{spec.title} is not the data set that this study began with: {', '.join(differing)}", MOST_TEXT),
            f"put that one back, or name its place: `{typed('resume', archive.folder)} --set task=PATH`; "
            "for another data set start a new study",
        )


@contextmanager
def settings_are_fixed() -> Iterator[None]:
    """Have a DataError of the body say what can be done where the settings of the data cannot be changed any more."""
    try:
        yield
    except DataError as error:
        if _SETTING.search(error.remedy):
            error.remedy = (
                "put right the files that are named: a started study cannot change how it reads its data. "
                f"For a new one: {error.remedy}"
            )
        raise


def mark_of_data(archive: Archive) -> Mapping[str, object]:
    """Return what tells a study's data set from others, small enough to stand beside each of its candidates.

    The task without its folders and, where somebody looked, the shape, the mean and a digest of the classes.
    """
    task = str(archive.config.get("task"))
    mark: dict[str, object] = {"task": Path(task).name or task}
    seen = [data for session in archive.sessions() if isinstance(data := session.environment.get("data"), Mapping)]
    if seen:
        classes = json.dumps(seen[0].get("classes"), sort_keys=True)
        digest = hashlib.sha256(classes.encode()).hexdigest()[:12]
        mark |= {"classes": digest, "image_shape": seen[0].get("image_shape"), "mean": seen[0].get("mean")}
    return mark


def require_one_data_set(marks: Mapping[str, Mapping[str, object]]) -> None:
    """Raise UsageError when these studies, by name, are of several data sets; one at several sizes is one."""
    for (name, one), (other_name, other) in pairwise(marks.items()):
        if "classes" in one and "classes" in other:
            is_one = not set(_differing(one, other)) - {"image_shape"}
        else:
            is_one = one["task"] == other["task"]
        if not is_one:
            tasks = one_line(f"{one['task']} and {other['task']}", MOST_TEXT)
            raise UsageError(
                f"these studies are of different data sets, {tasks}: {name}, {other_name}",
                "compare those of one data set at a time",
            )


def require_data_in_place(config: StudyConfig, folder: Path) -> None:
    """Raise DataError when there is nothing any more at the path that is the task of the study in `folder`."""
    is_known = config.task in TASK_NAMES or config.task in DATA_SETS.names()
    if not is_known and not Path(config.task).expanduser().exists():
        raise DataError(
            f"the data set of the study in {folder} is not at {config.task}",
            "go to the folder where the study was begun, or name the place: "
            f"`{typed('resume', folder)} --set task=PATH`",
        )


def _differing(before: Mapping[str, object], now: Mapping[str, object]) -> list[str]:
    """Return the keys that say that these are two data sets; an older archive lacks some."""
    keys = [key for key in ("image_shape", "classes") if key in before and before[key] != now.get(key)]
    means = before.get("mean"), now.get("mean")
    if not keys and all(isinstance(mean, list) and all(isinstance(each, float) for each in mean) for mean in means):
        pairs = zip(*means, strict=False)  # type: ignore[call-overload]
        keys += ["mean"] if any(abs(one - other) > SAME_MEAN for one, other in pairs) else []
    return keys


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
