"""The widths in a model's answer, in whatever form it gives them.

An answer that could mean two vectors is refused: a width that nobody chose is worse than another try.
"""

import json
import re
from collections.abc import Iterator, Mapping

from archwright.candidate import Json
from archwright.programs.channels.widths import WidthError
from archwright.programs.objects import Repeated, inner, objects_in
from archwright.programs.thinking import without_thinking

_EARLIER = re.compile(r"(?:old|before|previous|current|original|from|parent|baseline)\w*$", re.IGNORECASE)
_FIGURE = re.compile(r"param|flop|total|accura|factor|ratio|score|confiden|count", re.IGNORECASE)
"""Keys of numbers beside the widths that are none."""
_VALUES = (
    "width", "new_width", "value", "new_value", "new", "to", "channels", "new_channels", "out_channels", "after",
    "proposed", "updated",
)  # fmt: skip
_ALTERNATIVE = re.compile(r"(?<![A-Za-z])(?:or|either|alternativ\w*|options?|candidates?|variants?)(?![A-Za-z])", re.I)
_WIDTH = re.compile(
    r"(?:\d+\s*(?:->|\u2192|=>|to)\s*)?(?P<width>\d{1,9})(?:\s*(?:channels?|filters?|units?))?(?:, in .*)?$"
)
_LINE = (
    r"(?<![\w.]){}(?![\w.])(?:[\"'`*|\s]*(?:[:=]|\u2192|->|=>|\bto\b|,|\||from(?= \d+ to )"
    r"|\b(?:becomes|gets|is now)\b)"
    r"|[\"']?(?:</arg_key>\s*<arg_value)?>|[\"']\s+width=|[ \t]+(?=\d+\s*$))"
    r"[\"'`*\s]*(?:\d+\s*(?:->|\u2192|=>|to)\s*)?(\d{{1,9}})(?!\w|\.\d)"
)
"""What gives a group its width in a list, a table or a sentence."""
_CELLS = r"(?<![\w.]){}(?![\w.])[\"'`* ]*((?:[|,\t][`* ]*\d{{1,9}}[`* ]*)+)(?:\||$)"
"""Widths in a row of a table, such as the old and the new one."""


def read_vector(text: str, groups: Mapping[str, int]) -> dict[str, int]:
    """Return the widths in an answer, by group; raises WidthError in words that let the next try succeed."""
    form = json.dumps(dict(groups))
    text = without_thinking(text)
    found = objects_in(text)
    vectors: list[tuple[int, dict[str, int]]] = []
    for one in found:
        read = [(one.end, vector) for vector in _vectors(one.value, groups)]
        if read and not one.is_whole:
            raise WidthError(f"the widths are cut off; answer like {form}")
        if isinstance(one.value, list) and len({tuple(vector.items()) for _, vector in read if len(vector) > 1}) > 1:
            raise WidthError(f"the answer offers alternatives; answer with one object like {form}")
        vectors += read
    is_cut = text.count("{") > text.count("}")
    if not vectors and not is_cut:
        vectors = [(0, vector) for vector in _in_lines(text, groups)]
    if not vectors:
        what = "the widths are cut off" if is_cut else "the answer has no JSON object of widths"
        raise WidthError(f"{what}; answer like {form}")
    others = [each for each in vectors if {**groups, **each[1]} != groups] or vectors[-1:]
    if len({name for _, each in others for name in each}) == sum(len(each) for _, each in others):
        return {name: width for _, each in others for name, width in each.items()}  # One object for each group.
    if any(each != others[-1][1] for _, each in others) and _ALTERNATIVE.search(text[: others[-1][0]]):
        raise WidthError(f"the answer offers alternatives; answer with one object like {form}")
    return others[-1][1]


def _vectors(value: Json, groups: Mapping[str, int]) -> Iterator[dict[str, int]]:
    """Yield the vectors in an object, without those that it calls the old ones."""
    waiting: list[Json] = [value]
    while waiting:
        one = waiting.pop(0)
        if (vector := _vector(one, groups)) is not None:
            yield vector
        elif isinstance(one, dict):
            kept = {key: item for key, item in one.items() if not _EARLIER.match(key)}
            waiting[:0] = inner(kept)
        else:
            waiting[:0] = inner(one)


def _vector(value: Json, groups: Mapping[str, int]) -> dict[str, int] | None:
    """Return the widths in one object, or list of records; None where it has none, which is not so if it tries."""
    names = {_letters(name): name for name in groups}
    pairs = _pairs(value, names)
    if pairs is None:
        return None
    known = {key: names.get(_letters(key), "") for key, _ in pairs}
    if not any(known.values()):
        numbers = [key for key, item in pairs if type(item) is int and re.fullmatch(r"\w*\d", key.strip())]
        if numbers:
            raise WidthError(f"there is no group {numbers[0]}; the groups are {', '.join(groups)}")
        return None
    widths: dict[str, int] = {}
    for key, item in pairs:
        if not known[key] and (isinstance(item, str | list | dict | None) or _FIGURE.search(key)):
            continue  # a comment
        if not known[key]:
            raise WidthError(f"there is no group {key.strip()}; the groups are {', '.join(groups)}")
        if item is None:
            continue  # as it is
        width = _width(item, key, groups[known[key]])
        if widths.setdefault(known[key], width) != width:
            raise WidthError(f"{key} is given twice")
    return widths


def _letters(name: str) -> str:
    """Return a name without what models write otherwise: case, blanks, dashes, underscores."""
    return re.sub(r"[\W_]", "", name).casefold()


def _pairs(value: Json, names: Mapping[str, str]) -> list[tuple[str, Json]] | None:
    """Return names and widths of an object, of records or of pairs; None for anything else."""
    if isinstance(value, dict):
        return [record] if (record := _record(value, names)) else list(value.items())
    pairs: list[tuple[str, Json]] = []
    for item in value if isinstance(value, list) else ():
        if isinstance(item, dict):
            item = _record(item, names) or (next(iter(item.items())) if len(item) == 1 else ())
        if not (isinstance(item, list | tuple) and len(item) == 2 and isinstance(item[0], str)):
            return None
        pairs.append((item[0], item[1]))
    return pairs or None


def _record(item: Mapping[str, Json], names: Mapping[str, str]) -> tuple[str, Json] | None:
    """Return the group that an object names in a text, and the width that it gives it."""
    named = [_letters(text) for text in item.values() if isinstance(text, str) and not isinstance(text, Repeated)]
    said = [name for name in named if name in names]
    is_record = len(said) == 1 and not any(_letters(key) in names for key in item)
    return (said[0], _new_value(item)) if is_record else None


def _new_value(item: Mapping[str, Json]) -> Json:
    """Return the value of an object that is called the new one, or the only number that is not called the old one."""
    numbers = [value for key, value in item.items() if type(value) is int and not _EARLIER.match(key)]
    return next((item[key] for key in _VALUES if key in item), numbers[0] if len(numbers) == 1 else None)


def _width(value: Json, name: str, own: int) -> int:
    if isinstance(value, dict):
        value = given if (given := _new_value(value)) is not None else value
    if isinstance(value, list) and (len(value) == 1 or (len(value) == 2 and value[0] == own)):
        value = value[-1]
    if isinstance(value, Repeated):
        raise WidthError(f"{name} is given twice")
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, str) and (product := re.fullmatch(r"(\d{1,4})\s*\*\s*(\d{1,4})", value.strip())):
        return int(product[1]) * int(product[2])
    if isinstance(value, str) and (found := _WIDTH.match(value.strip())):
        return int(found["width"])
    if type(value) is not int:
        raise WidthError(f"{name[:40]} = {str(value)[:40]} is not a whole number")
    return value


def _in_lines(text: str, groups: Mapping[str, int]) -> list[dict[str, int]]:
    """Return the widths that stand behind the names of groups in a list, a table or a sentence."""
    widths: dict[str, int] = {}
    for name, own in groups.items():
        said = {int(width) for width in re.findall(_LINE.format(re.escape(name)), text, re.MULTILINE)}
        cells = " ".join(re.findall(_CELLS.format(re.escape(name)), text, re.MULTILINE))
        said |= {int(width) for width in re.findall(r"\d+", cells)}
        said = said - {own} or said
        if len(said) > 1:
            raise WidthError(f"{name} has several widths in the answer; answer like {json.dumps(dict(groups))}")
        if said:
            widths[name] = said.pop()
        elif re.search(rf"(?<![\w.]){re.escape(name)}(?![\w.])", text):
            return []  # Half of a vector is none.
    return [widths] if widths else []
