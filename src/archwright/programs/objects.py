"""Objects in what a model wrote, read as JSON, or as what models write in its place.

Python's dictionaries, JSON5, typographic quotation marks, comments, left-out commas and quotation marks that nobody
escaped are read as they are meant. Nothing is evaluated.
"""

import html
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

from archwright.candidate import Json

MOST_OBJECTS = 64
"""Places at which an object may begin that are tried at either end of a text."""
DEEPEST = 24
LONGEST = 64 * 1024
"""Characters of one object that is not JSON."""
_SPACE = re.compile(r"(?:\s|//[^\n]*|#[^\n]*|/\*.*?\*/)*", re.DOTALL)
_QUOTES = {'"': '"', "'": "'", "\u201c": "\u201d\u201c", "\u201d": "\u201d", "\u2018": "\u2019\u2018", "`": "`"}
_END_OF_TEXT = re.compile(r"\s*(?:[,;:=}\])\uff0c\uff1a]|$|\n|//|#|/\*)")
_WORD = re.compile(r"[^,;:={}\[\]()\n\"'\uff0c\uff1a]+(?:\([^()\n]*\))?")
_NUMBER = re.compile(r"[+-]?\d[\d_]*(?:\.\d+)?(?:[eE][+-]?\d+)?$")
_CONSTANTS: dict[str, Json] = {"true": True, "false": False, "null": None, "none": None}
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", '"': '"', "'": "'", "\\": "\\", "/": "/"}


@dataclass(frozen=True, slots=True)
class FoundObject:
    """An object, and where it stands in its text."""

    value: Json
    start: int
    end: int
    is_whole: bool = True
    """Whether what opens it is closed again."""


class Repeated(str):
    """The value of a key that stands twice in one object with another value."""


def objects_in(text: str) -> list[FoundObject]:
    """Return the outermost objects and lists of objects in `text`, in their order."""
    if "{" not in text.replace("&#123;", "{"):
        return []
    if "&quot;" in text or "&#34;" in text:
        text = html.unescape(text)
    if "\\{" in text:  # TeX
        text = re.sub(r"\\([{}_])", r"\1", text)
    if '{\\"' in text:
        text = re.sub(r"\\([\"n])", lambda escape: _ESCAPES[escape[1]], text)
    starts = [place.start() for place in re.finditer(r"[{\[]", text)]
    found: list[FoundObject] = []
    end = 0
    for start in dict.fromkeys([*starts[:MOST_OBJECTS], *starts[-MOST_OBJECTS:]]):
        if start >= end and (one := _object_at(text, start)):
            found.append(one)
            end = one.end
    return found


def _object_at(text: str, start: int) -> FoundObject | None:
    decoder = json.JSONDecoder(strict=False, object_pairs_hook=_as_dict)
    try:
        value, end = decoder.raw_decode(text, start)
    except RecursionError:
        return None
    except ValueError:
        reader = _Reader(text[start : start + LONGEST])
        try:
            value = reader.value(0)
        except ValueError:
            return None
        end = start + reader.position
        return FoundObject(value, start, end, reader.is_whole) if _has_object(value) else None
    return FoundObject(value, start, end) if _has_object(value) else None


def _has_object(value: Json) -> bool:
    if isinstance(value, dict):
        return bool(value)
    return isinstance(value, list) and bool(value) and all(isinstance(item, dict | list) for item in value)


def inner(value: Json) -> Iterator[Json]:
    """Yield the objects and lists that an object holds directly, those written as texts too."""
    for item in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        if isinstance(item, dict | list):
            yield item
        elif isinstance(item, str) and item.lstrip()[:1] in ("{", "["):
            yield from (found.value for found in objects_in(item))


def _as_dict(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    result: dict[str, Json] = {}
    for key, value in pairs:
        result[key] = Repeated(key) if key in result and result[key] != value else value
    return result


class _Reader:
    """Reads one value leniently; raises ValueError where that is none."""

    def __init__(self, text: str) -> None:
        self._text = text
        self.position = 0
        self.is_whole = True

    def value(self, depth: int) -> Json:
        if depth > DEEPEST:
            raise ValueError("nested too deeply")
        self._skip()
        mark = self._text[self.position : self.position + 1]
        if mark == "{":
            return self._object(depth)
        if mark in ("[", "("):
            return self._list(depth)
        if mark in _QUOTES:
            return self._quoted(_QUOTES[mark])
        return self._word()

    def _object(self, depth: int) -> Json:
        self.position += 1
        pairs: list[tuple[str, Json]] = []
        while not self._closes("}"):
            if self._text.startswith("...", self.position):
                self.position += 3
                continue
            if self._text.startswith("{", self.position) and not pairs:  # {{...}}
                found = self._object(depth + 1)
                self._closes("}")
                return found
            key = self.value(depth + 1)
            self._skip()
            if not re.match(r"=>|[:=\uff1a]", self._text[self.position :]):
                raise ValueError("no colon")
            self.position += 2 if self._text.startswith("=>", self.position) else 1
            pairs.append((str(key), self.value(depth + 1)))
            self._separator()
        return _as_dict(pairs)

    def _list(self, depth: int) -> Json:
        close = "]" if self._text[self.position] == "[" else ")"
        self.position += 1
        items: list[Json] = []
        while not self._closes(close):
            items.append(self.value(depth + 1))
            self._separator()
        return items

    def _closes(self, mark: str) -> bool:
        """Go past `mark`, or the end of the text, if that is what follows; return whether it was."""
        self._skip()
        if self.position >= len(self._text):
            self.is_whole = False
            return True
        is_closed = self._text[self.position] == mark
        self.position += is_closed
        return is_closed

    def _separator(self) -> None:
        self._skip()
        if self._text[self.position : self.position + 1] in (",", ";", "\uff0c"):
            self.position += 1

    def _skip(self) -> None:
        space = _SPACE.match(self._text, self.position)
        self.position = space.end() if space else self.position

    def _quoted(self, closes: str) -> str:
        """Return a text; a quotation mark within it that nobody escaped is one behind which no value can end."""
        text, said = self._text, []
        triple = text[self.position : self.position + 3]
        if triple in ('"""', "'''"):
            end = text.find(triple, self.position + 3)
            if end < 0:
                raise ValueError("no end of a text")
            begin, self.position = self.position + 3, end + 3
            return text[begin:end]
        self.position += 1
        while self.position < len(text):
            mark = text[self.position]
            self.position += 1
            if mark == "\\":
                after = text[self.position : self.position + 1]
                said.append(_ESCAPES.get(after, mark + after))
                self.position += 1
            elif mark in closes and (_END_OF_TEXT.match(text, self.position) or self._begins_another()):
                return "".join(said)
            else:
                said.append(mark)
        raise ValueError("no end of a text")

    def _begins_another(self) -> bool:
        """Return whether another key follows, the comma before it being left out."""
        return re.match(r"\s+[\"'\u201c]\w+[\"'\u201d]\s*:", self._text[self.position : self.position + 80]) is not None

    def _word(self) -> Json:
        found = _WORD.match(self._text, self.position)
        if found is None:
            raise ValueError("no value")
        self.position = found.end()
        word = re.split("//|/\\*| #", found[0])[0].strip()
        if _NUMBER.match(word):
            number = float(word.replace("_", ""))
            return int(number) if number == int(number) and not set(word.lower()) & {"e", "."} else number
        return _CONSTANTS.get(word.lower(), word)
