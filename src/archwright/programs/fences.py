"""Fenced code blocks of Markdown, as CommonMark 0.31 (section 4.5) pairs them and as people and models write them."""

import re
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass

_OPENING = re.compile(
    r"^(?P<indent>(?:[ \t]*>)*[ \t]*(?:(?:[-*+]|\d{1,9}[.)])[ \t]+)?)(?P<fence>`{3,}|~{3,})(?P<info>.*)$"
)
_OPENING_IN_TEXT = re.compile(r"^(?P<indent>)[^`]*[^`\s][ \t]*(?P<fence>`{3,})(?P<info>[A-Za-z][\w+.-]*|)[ \t]*$")
_CODE_AS_INFO = re.compile(
    r"(?:python\d?\s+|py\s+)?((?:import\s+[\w.]+|from\s+[\w.]+\s+import\s)[\w., *()]*|(?:def|class)\s+\w+\s*[(:].*)$",
    re.IGNORECASE,
)
"""A program that begins on the line of its fence."""
_TAGS_BEHIND = re.compile(r"(?<=[`~])(?:[ \t]*(?:</[\w:]{1,40}>|[\[{]/\w{1,40}[\]}]))+$")
"""What was opened before a fence and is closed on its line."""
_QUOTE = re.compile(r"^[ \t]*>[ ]?")
MOST_FENCES = 60
"""Fences beyond these are not paired anew: nobody writes so many, and every pair is parsed."""


@dataclass(frozen=True, slots=True)
class _Fence:
    """A line that can open a block."""

    line: int
    indent: str
    mark: str
    info: str


def readings(text: str) -> Iterator[list[str]]:
    """Yield the blocks of `text` as CommonMark has them, then with careless pairing; the first may be empty."""
    lines = text.split("\n")
    yield _paired(lines, is_strict=True)
    yield _paired(lines, is_strict=False)
    yield _spans(lines)


def outside(text: str) -> list[str]:
    """Return the pieces of `text` between lines that are fences: code of which one fence is missing."""
    pieces: list[list[str]] = [[]]
    for line in text.split("\n"):
        if _opening(line, 0):
            pieces.append([])
        elif code := _before_closing(line, at_end=True):
            pieces[-1].append(code)
            pieces.append([])
        else:
            pieces[-1].append(line)
    return ["\n".join(piece) for piece in pieces if any(line.strip() for line in piece)]


def _paired(lines: list[str], *, is_strict: bool) -> list[str]:
    blocks: list[str] = []
    opening: _Fence | None = None
    content: list[str] = []
    for number, line in enumerate(lines):
        if opening is None:
            opening, content = _opening(line, number), []
            continue
        if _closes(line, opening):
            blocks.append(_content(content, opening))
            opening = None
        elif "`" in opening.mark and (code := _before_closing(line, at_end=is_strict)):
            blocks.append(_content([*content, code], opening))
            opening = None
        elif (other := _opening(line, number)) and (not is_strict or _begins_anew(other, opening)):
            blocks.append(_content(content, opening))
            opening, content = (other if re.fullmatch(r"\{?\.?[\w+.#-]*\}?", other.info) else None), []
        else:
            content.append(line)
    if opening is not None:
        blocks.append(_content(content, opening))
    return blocks


def _begins_anew(fence: _Fence, opening: _Fence) -> bool:
    """Return whether a fence within a block is like the one before it, which was left open."""
    return bool(fence.info) and (fence.mark, fence.info) == (opening.mark, opening.info)


def _spans(lines: list[str]) -> list[str]:
    """Return every text between two fences with others inside of it, such as the fences of a docstring."""
    fences = [fence for number, line in enumerate(lines) if (fence := _opening(line, number))][:MOST_FENCES]
    return [
        _content(lines[first.line + 1 : last.line], first)
        for number, first in enumerate(fences)
        for last in fences[number + 2 :]
        if not last.info
    ]


def _opening(line: str, number: int) -> _Fence | None:
    found = _OPENING.match(line)
    if found and found["fence"][0] == "`" and "`" in found["info"]:
        return None  # Code in a line of text.
    found = found or _OPENING_IN_TEXT.match(line)
    return _Fence(number, found["indent"], found["fence"], found["info"].strip()) if found else None


def _before_closing(line: str, *, at_end: bool) -> str:
    """Return the code before a fence that closes in its line, with nothing or (not `at_end`) words after it; a fence
    in a comment of its own is part of the comment, if possible."""
    code, fence, rest = line.partition("```")
    words = rest.lstrip("`").strip()
    is_closed = fence and code.strip("# \t" if at_end else None) and (not words or (not at_end and "`" not in words))
    return code if is_closed else ""


def _closes(line: str, opening: _Fence) -> bool:
    bare = _TAGS_BEHIND.sub("", (_QUOTE.sub("", line) if ">" in opening.indent else line).strip())
    return len(bare) >= len(opening.mark) and set(bare) == {opening.mark[0]}


def _content(lines: list[str], opening: _Fence) -> str:
    """Return the lines of a block without quotation marks and without the indentation of its fence."""
    for _ in range(opening.indent.count(">")):
        lines = [_QUOTE.sub("", line) for line in lines]
    if begun := _CODE_AS_INFO.match(opening.info):
        lines = [begun[1], *lines]
    margins = [len(line) - len(line.lstrip(" \t")) for line in lines if line.strip()]
    width = min([len(opening.indent.rpartition(">")[2]), *margins])
    lines = [line[width:] if line.strip() else "" for line in lines] if width else lines
    text = "\n".join(lines)
    first = next((line for line in lines if line.strip()), "")
    return textwrap.dedent(text) if first[:1] in (" ", "\t") and not re.match(r"[ \t]+(def|@)\b", first) else text
