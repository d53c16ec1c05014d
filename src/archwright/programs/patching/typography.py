"""What copying, rendering and escaping make of an answer, undone where the program shows that it is none of the edit.

Nothing is changed that the program itself has: its own entities, curly quotation marks and odd blanks stay.
"""

import html
import re
from collections.abc import Callable

from archwright.programs.patching.lines import Lines

_COLOURS = re.compile(r"\x1b\[[0-9;?]*[@-~]")
_ENTITY = re.compile(r"&(?:lt|gt|amp|quot|apos|nbsp|#\d{1,6}|#[xX][0-9a-fA-F]{1,6});")
_RAW = re.compile(r"[<>]|&(?!(?:lt|gt|amp|quot|apos|nbsp|#\d{1,6}|#[xX][0-9a-fA-F]{1,6});)")
_MARKUP = re.compile(r"^\s*(?:</?\w[^<>]*>\s*)+$|^\s*[<>]{3,9}[^<>]*$|^[^+\- ]")
"""Lines that say nothing about whether code was escaped: elements alone, marks of blocks, prose."""
_BLANKS = re.compile("[\u00a0\u2000-\u200a\u202f\u205f\u3000]")
_INVISIBLE = re.compile("[\u200b\u200e\u200f\u2060\ufeff]")
_INDENT = re.compile("^([ +-]?)((?:[ \t]*[\u00a0\u2000-\u200a\u202f\u205f\u3000])+)", re.MULTILINE)
_QUOTES = str.maketrans("\u201c\u201d\u201e\u201f\u2033\u2018\u2019\u201a\u201b\u2032", "\"\"\"\"\"'''''")
_DASHES = "\u2010\u2011\u2012\u2013\u2014\u2212"
_SIGN = re.compile(r"^(?:\\(?=[+-])|[\uff0b\ufe62])", re.MULTILINE)
"""A sign that Markdown escaped, or a plus of another width."""
_MOST_LINES = 4_000
"""Lines of an answer that are looked at for what shows how it was written."""


def as_typed(answer: str, lines: Lines) -> str:
    """Return an answer with the characters that were typed before something made others of them."""
    if "\x1b" in answer and not any("\x1b" in text for text in lines.texts):
        answer = _COLOURS.sub("", answer)
    if _ENTITY.search(answer) and not any(_ENTITY.search(text) for text in lines.texts):
        answer = html.unescape(answer) if _is_escaped(answer, lines) else answer
    if _INVISIBLE.search(answer) and not any(_INVISIBLE.search(text) for text in lines.texts):
        answer = _INVISIBLE.sub("", answer)
    if _BLANKS.search(answer) and not any(_BLANKS.search(text) for text in lines.texts):
        answer = _INDENT.sub(lambda found: found[1] + _BLANKS.sub(" ", found[2]), answer)
        if any(_BLANKS.search(line) and lines.has(line[1:]) for line in answer.split("\n")[:_MOST_LINES]):
            answer = _BLANKS.sub(" ", answer)
    if _shows(answer, lines, lambda line: line.translate(_QUOTES)):
        answer = answer.translate(_QUOTES)
    if _SIGN.search(answer) and not any(_SIGN.match(text) for text in lines.texts):
        answer = _SIGN.sub(lambda found: "" if found[0] == "\\" else "+", answer)
    if any(dash in answer for dash in _DASHES):
        answer = "\n".join(_with_sign(line, lines) for line in answer.split("\n"))
    return answer


def _is_escaped(answer: str, lines: Lines) -> bool:
    """Return whether entities are those of a page: an old line is one of the program without them, or no line of a diff
    has a character that would have been escaped."""
    if _shows(answer, lines, html.unescape):
        return True
    return not any(_RAW.search(line) for line in answer.split("\n") if not _MARKUP.match(line))


def _shows(answer: str, lines: Lines, undo: Callable[[str], str]) -> bool:
    """Return whether a line of the answer, with its sign or without, is one of the program only when undone."""
    for line in answer.split("\n")[:_MOST_LINES]:
        undone = undo(line)
        if undone != line and any(
            after.strip() and lines.has(after) and not lines.has(before)
            for before, after in ((line, undone), (line[1:], undo(line[1:])))
        ):
            return True
    return False


def _with_sign(line: str, lines: Lines) -> str:
    """Return a line with a hyphen for the dash that stands for the sign of a deleted line."""
    is_sign = line[:1] in tuple(_DASHES) and lines.has(line[1:]) and bool(line[1:].strip()) and not lines.has(line)
    return f"-{line[1:]}" if is_sign else line
