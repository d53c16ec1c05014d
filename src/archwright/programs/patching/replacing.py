"""Blocks of text to search for and to put in its place, in every dialect, as hunks.

Read are blocks between marks (aider, Cline, Roo, conflicts as git writes them), elements of XML, fences that prose
calls the old and the new text, and pairs in JSON as editing tools take them.
"""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from archwright.programs.patching.blocks import Block, own_text
from archwright.programs.patching.hunks import Hunk, HunkLine
from archwright.programs.patching.lines import Lines
from archwright.programs.patching.outcome import Reason, Unappliable

_OPENING = re.compile(
    r"^\s*(?:(?P<long><{5,9})(?!<)|(?:<{3,4}(?!<)|-{5,9}) ?(?=(?:SEARCH|ORIGINAL|OLD|FIND|BEFORE|HEAD)\b))",
    re.IGNORECASE,
)
_DIVIDER = re.compile(r"^={5,40}[ \t]*(?:(?:REPLACE|UPDATED|NEW|WITH)\b.*)?\s*$", re.IGNORECASE)
_SHORT_DIVIDER = re.compile(r"^={3,4}\s*$")
_CLOSING = re.compile(r"^(?:>{5,9}(?!>)|\+{5,9}(?=\s*[A-Z]))")
_SHORT_CLOSING = re.compile(r"^>{3,4}(?!>) ?(?:REPLACE|UPDATED|NEW|AFTER|END)\b", re.IGNORECASE)
_BASE = re.compile(r"^\|{5,9}(?!\|)")
_WORDS = [
    re.compile(rf"^(?!-----|<{{7}}|<[A-Z])[^\w\s]*[ \t]*(?:{words})[ \t]*[^\w\s]*$")
    for words in (
        "SEARCH|ORIGINAL|OLD|FIND|BEFORE",
        "REPLACE|REPLACEMENT|UPDATED|NEW|WITH|AFTER",
        r"END|/?REPLACE|END REPLACE|-{3,}|={3,}|\*{3,}",
    )
]
"""Lines that say in capitals, between whatever marks, where the old text begins, the new one, and where it ends."""
_MARKS = ("<<<<<<< SEARCH", "=======", ">>>>>>> REPLACE")
_PLACE = re.compile(r"^:(?:start|end)_line:\s*\d+\s*$")
_PART = r"(?:_?(?:str|string|text|code|lines?|content|block|snippet|for))?"
_OLD = (
    rf"(?:(?:old|original|search|find|target|current|existing){_PART}|(?:code_)?before|from|removed?|deleted?|pattern"
    r"|match)"
)
_NEW = (
    rf"(?:(?:new|updated|modified|proposed|replace|replacement){_PART}|replace_?with|(?:code_)?after|to|add(?:ed)?"
    r"|insert)"
)
_ELEMENTS = re.compile(
    rf"<(?P<a>{_OLD})>(?P<old>.*?)</(?P=a)>\s*<(?P<b>{_NEW})>(?P<new>.*?)</(?P=b)>", re.DOTALL | re.IGNORECASE
)
_ARGUMENT = re.compile(
    r"<parameter(?: name)?=[\"']?(?P<name>\w+)[\"']?>(?P<text>(?:(?!<parameter).)*?)</parameter>"
    r"|<arg_key>\s*(?P<key>\w+)\s*</arg_key>\s*<arg_value>(?P<value>(?:(?!<arg_).)*?)</arg_value>",
    re.DOTALL | re.IGNORECASE,
)
"""An argument of a tool, named in an attribute or an element of its own."""
_OLD_ELEMENT = re.compile(rf"<{_OLD}>", re.IGNORECASE)
_OLD_KEY, _NEW_KEY = (re.compile(names, re.IGNORECASE) for names in (_OLD, _NEW))
_OF_MANY_USES = re.compile(r"target|current|pattern|match|from|to", re.IGNORECASE)
"""Keys that need not be half of a pair when they stand alone."""
_OTHER_EDIT = re.compile(r"file_text|content|code|insert_line|insert_text|diff|patch|replace_?all", re.IGNORECASE)
"""Keys of an edit by a tool beside which a pair is not all there is, unless they say no."""
_CALLS_OLD = re.compile(
    r"\b(?:replace|change|search|find|old|original|before|from)\b[^.\n]{0,60}$|^\W*(?:and|then|also)\W*$", re.IGNORECASE
)
_CALLS_NEW = re.compile(
    r"^\W*(?:with|to|by|into|replace|new|updated|modified|changed|after)\b[^.\n]{0,40}$", re.IGNORECASE
)
_SENTENCE = re.compile(
    r"^[^\w\n]*(?:replace|change)\b[^`\n]{0,40}`(?P<old>[^`\n]+)`[ \t]*(?:with|by|to|into)[ \t]*`(?P<new>[^`\n]+)`"
    r"[ \t.;]*$",
    re.IGNORECASE | re.MULTILINE,
)
_DOCUMENT = re.compile(r"(?:^|[ \t>:`=(\]])[{\[](?=\s*[\"{\[])|\A\s*\"", re.MULTILINE)
NORMAL_DIFF = re.compile(r"^\d+(?:,\d+)?[acd]\d+(?:,\d+)?\s*\n[<>] ", re.MULTILINE)
"""The form of a diff that is not read: what `diff` writes without an option."""
MOST_DOCUMENTS = 64
"""Places at which a JSON document is looked for, and pairs of which one may begin within a line."""


@dataclass(slots=True)
class _MarkedLines:
    """The lines between two marks."""

    is_long: bool
    has_word: bool
    margin: str
    """Blanks before the first mark, as in a list; lines of the block have them too."""
    lines: list[str] = field(default_factory=list)
    bases: list[int] = field(default_factory=list)
    dividers: list[int] = field(default_factory=list)


def read_replacements(answer: str, blocks: Sequence[Block], lines: Lines) -> list[Hunk]:
    """Return the blocks of an answer as hunks; raises Unappliable for one without an end, or that is unclear."""
    pairs = (
        _between_marks(text := own_text(answer, lines.has), lines)
        or _in_elements(_named(text))
        or _in_fences(blocks)
        or _between_marks(_in_usual_marks(text, lines), lines)
        or _in_words(text)
    )
    return _hunks(pairs, lines)


def read_json(text: str, lines: Lines) -> list[Hunk]:
    """Return the pairs in the JSON documents of an answer as hunks; raises Unappliable where they are not all."""
    if NORMAL_DIFF.search(text) or any(lines.has(line) for line in text.split("\n") if any(map(str.isalnum, line))):
        return []  # Code beside JSON, or JSON within code.
    pairs: list[tuple[list[str], list[str]]] = []
    is_other = False
    for document in documents(text):
        for each in objects(document):
            old, new = (_text_at(each, pattern) for pattern in (_OLD_KEY, _NEW_KEY))
            is_half = (old is None) != (new is None) and not any(map(_OF_MANY_USES.fullmatch, each))
            is_other = is_other or is_half or any(_OTHER_EDIT.fullmatch(key) for key, value in each.items() if value)
            if old is not None and new is not None:
                pairs.append((_split(old), _split(new)))
    if pairs and is_other:
        words = "the answer holds edits of several kinds"
        raise Unappliable(Reason.SEVERAL_PATCHES, words, "answer with one diff")
    return _hunks(pairs, lines)


def documents(text: str) -> Iterator[object]:
    """Yield the JSON documents in a text, with line ends in their strings forgiven, those within strings too."""
    decoder, position = json.JSONDecoder(strict=False), 0
    for _ in range(MOST_DOCUMENTS):
        start = _DOCUMENT.search(text, position)
        if start is None:
            return
        try:
            document, position = decoder.raw_decode(text, start.end() - 1)
            yield document
        except (ValueError, RecursionError):
            position = start.end()


def objects(document: object) -> Iterator[dict[str, object]]:
    """Yield the objects of a document, those in its strings too."""
    waiting = [document]
    while waiting:
        one = waiting.pop(0)
        if isinstance(one, str) and one.lstrip()[:1] in ("{", "["):
            waiting[:0] = documents(one)
        elif isinstance(one, list):
            waiting[:0] = one
        elif isinstance(one, dict):
            yield one
            texts = {key for key in one if _OLD_KEY.fullmatch(key) or _NEW_KEY.fullmatch(key)}
            waiting[:0] = [value for key, value in one.items() if key not in texts or not isinstance(value, str)]


def is_pair(each: dict[str, object]) -> bool:
    """Return whether an object has an old and a new text."""
    return all(_text_at(each, pattern) is not None for pattern in (_OLD_KEY, _NEW_KEY))


def _text_at(each: dict[str, object], pattern: re.Pattern[str]) -> str | None:
    found = [value for key, value in each.items() if pattern.fullmatch(key)]
    texts = ["\n".join(value) if isinstance(value, list) and all(isinstance(x, str) for x in value) else value
             for value in found]  # fmt: skip
    return texts[0] if len(texts) == 1 and isinstance(texts[0], str) else None


def _whole_lines(old: list[str], new: list[str], lines: Lines) -> tuple[list[str], list[str]]:
    """Return a pair as whole lines, where the old text begins or ends within a line and stands in the program once."""
    part, program = "\n".join(old), lines.text
    if not part.strip() or (lines.has(old[0]) and lines.has(old[-1])):
        return old, new
    begin = program.find(part)
    if begin < 0 or program.find(part, begin + 1) >= 0:
        return old, new
    start, end = program.rfind("\n", 0, begin) + 1, (program + "\n").find("\n", begin + len(part))
    head, tail = program[start:begin], program[begin + len(part) : end]
    is_part = bool(head.strip() or tail.strip()) and not re.search(r"\w\Z", head) and not re.match(r"\w", tail)
    if not is_part:
        return old, new
    return (head + part + tail).split("\n"), (head + "\n".join(new) + tail).split("\n")


def _split(text: str) -> list[str]:
    return text.removesuffix("\n").split("\n") if text else []


def _between_marks(text: str, lines: Lines) -> list[tuple[list[str], list[str]]]:
    pairs: list[tuple[list[str], list[str]]] = []
    marked: _MarkedLines | None = None
    is_text = any(_CLOSING.match(text) for text in lines.texts)
    for line in text.split("\n"):
        if marked is None:
            if (found := _OPENING.match(line)) and not lines.has(line):
                marked = _opened(line, found)
            elif pairs and _CLOSING.match(line):
                raise _unpaired(len(pairs))
            continue
        line = line.removeprefix(marked.margin)
        if marked.dividers and (_CLOSING if marked.is_long else _SHORT_CLOSING).match(line):
            if is_text:
                raise _unpaired(len(pairs) + 1)
            pairs.append(_parted(marked, len(pairs) + 1, lines))
            marked = None
        else:
            if (_DIVIDER if marked.is_long else _SHORT_DIVIDER).match(line):
                marked.dividers.append(len(marked.lines))
            elif _BASE.match(line):
                marked.bases.append(len(marked.lines))
            marked.lines.append(line)
    if marked is not None and (marked.dividers or marked.has_word):
        raise Unappliable(Reason.CUT_OFF, "the block has no end", "finish it with >>>>>>> REPLACE", len(pairs) + 1)
    return pairs


def _in_usual_marks(text: str, lines: Lines) -> str:
    """Return `text` with the usual marks in place of words in capitals, where each old text has a new one and an
    end: a word, a rule, a fence, or the next old text."""
    written, state = list[str](), 0
    for line in text.split("\n"):
        if state < 3 and _WORDS[state % 3].match(line) and not lines.has(line):
            written.append(_MARKS[state])
            state = (state + 1) % 3
        elif state == 2 and (line.startswith("```") or _WORDS[0].match(line)) and written[-1] != _MARKS[1]:
            written += [_MARKS[2], *([_MARKS[0]] if _WORDS[0].match(line) else [line])]
            state = 0 if line.startswith("```") else 1
        else:
            written.append(line)
    return text if state or _MARKS[0] not in written else "\n".join(written)


def _opened(line: str, found: re.Match[str]) -> _MarkedLines:
    margin = line[: len(line) - len(line.lstrip())]
    return _MarkedLines(bool(found["long"]) or "-----" in line, line[found.end() :].strip()[:1].isalpha(), margin)


def _unpaired(number: int) -> Unappliable:
    words = f"the marks of block {number} do not pair with its text, which has lines like them"
    return Unappliable(Reason.AMBIGUOUS_CONTEXT, words, "answer with a unified diff", number)


def _parted(marked: _MarkedLines, number: int, lines: Lines) -> tuple[list[str], list[str]]:
    """Return both sides of a block, without the common ancestor that a conflict may have between them.

    Raises Unappliable where text may be a mark: in a block with an ancestor, or of a program with lines like them.
    """
    end = start = marked.dividers[0]
    if marked.bases:
        end = marked.bases[0]
        is_unclear = len(marked.bases) + len(marked.dividers) > 2 or start < end or lines.has(marked.lines[end])
    else:
        is_unclear = len(marked.dividers) > 1 and any(lines.has(marked.lines[at]) for at in marked.dividers)
    if is_unclear:
        words = f"block {number} has several lines that could divide its old from its new text"
        raise Unappliable(Reason.AMBIGUOUS_CONTEXT, words, "answer with a unified diff", number)
    return _unfenced(_without_place(marked.lines[:end], lines)), _unfenced(marked.lines[start + 1 :])


def _unfenced(texts: list[str]) -> list[str]:
    """Return one side of a block without the fence around all of it, of which the end may be missing."""
    if not (len(texts) > 1 and re.match("```[\\w+-]*$", texts[0])):
        return texts
    if texts[-1].rstrip() == "```":
        return texts[1:-1]
    return texts if any(text.startswith("```") for text in texts[1:]) else texts[1:]


def _without_place(texts: list[str], lines: Lines) -> list[str]:
    """Return old lines without the numbers that Roo writes above them."""
    first = next((number for number, text in enumerate(texts) if not _PLACE.match(text)), len(texts))
    has_rule = texts[first : first + 1] == ["-------"]
    return texts[first + has_rule :] if first and (has_rule or not lines.has(texts[0])) else texts


def _in_elements(text: str) -> list[tuple[list[str], list[str]]]:
    found = [(_inner(each["old"]), _inner(each["new"])) for each in _ELEMENTS.finditer(text)]
    if found and len(found) != len(_OLD_ELEMENT.findall(text)):
        raise Unappliable(Reason.CUT_OFF, "an old text has no new one", "answer with a unified diff", len(found) + 1)
    return found


def _named(text: str) -> str:
    """Return `text` with the arguments of tools as elements of their names."""
    return _ARGUMENT.sub(
        lambda found: "<{0}>{1}</{0}>".format(found["name"] or found["key"], found["text"] or found["value"] or ""),
        text,
    )


def _inner(text: str) -> list[str]:
    text = re.sub(r"\A\s*<!\[CDATA\[(.*)\]\]>\s*\Z", r"\1", text, flags=re.DOTALL)
    return _split(re.sub(r"\A[ \t]*\r?\n|(?<=\n)[ \t]*\Z", "", text))


def _in_fences(blocks: Sequence[Block]) -> list[tuple[list[str], list[str]]]:
    """Return fences that the prose before them calls the old and the new text, where all fences are such pairs."""
    fences = [number for number, block in enumerate(blocks) if block.is_fenced]
    if not fences or len(fences) % 2:
        return []
    pairs = []
    for old, new in zip(fences[::2], fences[1::2], strict=True):
        if not (old and new == old + 2 and blocks[new].is_closed):
            return []
        before, between = (_last_words(blocks[number - 1]) for number in (old, new))
        if not (_CALLS_OLD.search(before) and _CALLS_NEW.search(between)):
            return []
        pairs.append((list(blocks[old].lines), list(blocks[new].lines)))
    return pairs


def _in_words(text: str) -> list[tuple[list[str], list[str]]]:
    """Return what an answer says should be replaced, "Replace `old` with `new`", where that is all its code."""
    found = list(_SENTENCE.finditer(text))
    is_all = text.count("`") == 4 * len(found) and "@@" not in text
    return [([each["old"]], [each["new"]]) for each in found] if is_all else []


def _last_words(block: Block) -> str:
    return "" if block.is_fenced else next(line.strip() for line in reversed(block.lines) if line.strip())


def _hunks(pairs: Sequence[tuple[list[str], list[str]]], lines: Lines) -> list[Hunk]:
    hunks: list[Hunk] = []
    for old, new in pairs:
        if len(pairs) <= MOST_DOCUMENTS:
            old, new = _whole_lines(old, new, lines)
        hunk = _replacement(len(hunks) + 1, old, new)
        hunks += [] if any(hunk.lines == other.lines for other in hunks) else [hunk]
    return hunks


def _replacement(number: int, old: list[str], new: list[str]) -> Hunk:
    """Return a hunk with the lines that both sides begin and end with as context."""
    shortest = min(len(old), len(new))
    first = next((i for i in range(shortest) if old[i] != new[i]), shortest)
    last = next((i for i in range(shortest - first) if old[-1 - i] != new[-1 - i]), shortest - first)
    middle = [("-", line) for line in old[first : len(old) - last]] + [
        ("+", line) for line in new[first : len(new) - last]
    ]
    signed = [*((" ", line) for line in old[:first]), *middle, *((" ", line) for line in old[len(old) - last :])]
    return Hunk(number, tuple(hunk_line(sign, text) for sign, text in signed), is_replacement=True)


def hunk_line(sign: str, text: str) -> HunkLine:
    """Return a line of a hunk as it was written, without what ends it."""
    return HunkLine(sign, text.rstrip("\r"), text.endswith("\r"))
