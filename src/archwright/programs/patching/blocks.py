"""The answer of a model, cut into text and fenced blocks.

`programs.fences` does the same for programs and looks at it in every careless way; a diff must not be touched: a blank
at the beginning of a line means something, and a fence that is part of the program has a sign before it.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from archwright.programs.thinking import own_turn, without_thinking

_OPENING = re.compile(r"^(?P<indent>[ \t>]*)(?P<mark>`{3,}|~{3,})[ \t]*(?P<info>[^`]*)$")
_OPENING_IN_TEXT = re.compile(r"^(?P<indent>)[^`+\-@][^`]*[:.][ \t]*(?P<mark>`{3,})(?P<info>[A-Za-z]*)[ \t]*$")
_LAST_TOKENS = re.compile(r"(?:<[|｜][^|｜<>\s]+[|｜]>|</s>)\s*\Z")
_ENDS_THOUGHT = re.compile(r"(?:</[\w:]+>|\[/THINK\]|\u25c1/think\u25b7|<\|end_of_thought\|>)\s*$|<\|message\|>")
_TAG_STARTS = str.maketrans({"<": "\ue000", "[": "\ue001", "◁": "\ue002"})
_TAGS_BACK = str.maketrans({"\ue000": "<", "\ue001": "[", "\ue002": "◁"})

Known = Callable[[str], bool]
"""Whether a line stands in the program, whatever its white space."""


@dataclass(frozen=True, slots=True)
class Block:
    """Lines of an answer that belong together."""

    lines: tuple[str, ...]
    info: str | None = None
    """What stands after the opening fence; None for text outside of fences."""
    is_closed: bool = True
    """Whether its closing fence is there."""

    @property
    def is_fenced(self) -> bool:
        """Whether it stands in a fence."""
        return self.info is not None


def blocks_of(answer: str, known: Known) -> list[Block]:
    """Return text and fenced blocks of an answer in their order, without what a model thought before it answered."""
    text = own_text(answer, known)
    blocks: list[Block] = []
    content: list[str] = []
    opening: re.Match[str] | None = None
    for line in text.removesuffix("\n").split("\n"):
        if opening is None:
            bare = line.rstrip("\r")
            found = _OPENING.match(bare) or _OPENING_IN_TEXT.match(bare)
            if found and not (line.startswith(" ") and known(line)):
                blocks.append(Block(tuple(content)))
                opening, content = found, []
            else:
                content.append(line)
        elif _closes(line, opening):
            blocks.append(_fenced(content, opening, is_closed=True))
            opening, content = None, []
        else:
            content.append(line)
    blocks.append(Block(tuple(content)) if opening is None else _fenced(content, opening, is_closed=False))
    return [block for block in blocks if block.is_fenced or any(line.strip() for line in block.lines)]


def own_text(answer: str, known: Known) -> str:
    """Return an answer without what a model thought before it, with its lines ended by line feeds."""
    text = _without_thinking(answer.removeprefix("\ufeff"), known)
    return text if "\n" in text else text.replace("\r", "\n")


def _closes(line: str, opening: re.Match[str]) -> bool:
    """Return whether `line` is a closing fence; one that stands further in belongs to the program."""
    bare = line.rstrip()
    indent = bare[: len(bare) - len(bare.lstrip(" \t>"))]
    mark = bare[len(indent) :]
    return (
        len(mark) >= len(opening["mark"])
        and set(mark) == {opening["mark"][0]}
        and len(indent) <= len(opening["indent"])
    )


def _fenced(lines: list[str], opening: re.Match[str], *, is_closed: bool) -> Block:
    quotes = opening["indent"].count(">")
    for _ in range(quotes):
        lines = [re.sub(r"^[ \t]*>[ ]?", "", line) for line in lines]
    indent = "" if quotes else opening["indent"]
    if indent and all(line.startswith(indent) for line in lines if line.strip()):
        lines = [line[len(indent) :] if line.strip() else line.strip(" \t") for line in lines]
    last = lines[-1] if lines else ""
    if not is_closed and last.endswith(opening["mark"]) and last.strip("+- \t") != opening["mark"]:  # glued to it
        lines, is_closed = [*lines[:-1], lines[-1].removesuffix(opening["mark"])], True
    return Block(tuple(lines), opening["info"].strip(), is_closed)


def _without_thinking(text: str, known: Known) -> str:
    """Return `text` without thinking; what looks like its tags within a line of a diff is code."""
    end = text[-200:]
    text = text[: len(text) - len(end)] + _LAST_TOKENS.sub("\n", end)
    if not any(start in text for start in "<[◁") or any(chr(code) in text for code in _TAGS_BACK):
        ended = own_turn(text)
        is_code = ended.count("```") % 2 or known(text[len(ended) :].partition("\n")[0])
        return text if is_code else ended
    guarded = "\n".join(line.translate(_TAG_STARTS) if _is_code(line, known) else line for line in text.split("\n"))
    return without_thinking(guarded).translate(_TAGS_BACK)


def _is_code(line: str, known: Known) -> bool:
    """Return whether a line belongs to a diff rather than to a thought."""
    return known(line) or (line[:1] in ("+", "-") and not _ENDS_THOUGHT.search(line))
