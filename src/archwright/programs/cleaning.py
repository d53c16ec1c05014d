"""What stands in a block of code and is no Python: prompts, magics, line numbers, tags, prose."""

import ast
import html
import re
import textwrap
import unicodedata
from collections.abc import Callable, Iterator
from itertools import chain, groupby, islice, takewhile

from archwright.candidate import Failure
from archwright.contracts.disguises import LIKE_LATIN
from archwright.contracts.parse import parse, tree_of
from archwright.programs.enclosed import unescaped

_MAGIC = re.compile(r"^\s*(?:%{1,2}[A-Za-z].*|![\s\w./~-].*|\?\w.*|pip3? install .*|conda install .*|\$ .*)$")
_PROMPT = re.compile(r"^\s*(?:>>> ?|\.\.\.(?: |$)|In \[\d*\]: ?|\s*\.\.\.: ?)")
_NUMBER = re.compile(
    r"^\s*(?:[\w./-]{1,80}\.py:|/\*\s*)?(?:L|Line |[\[(#])?\d+"
    r"(?:[.)\]]:?|[ \t]*(?:\*/|[|:>\u2192\u2502\u2503]|-(?=\s|$))|(?=\s|$))"
)
_FRAME = re.compile(r"^[ \t]*[|\u2502\u2503\u2551](?: |$)|[ \t]+[|\u2502\u2503\u2551][ \t]*$")
_RULE = re.compile(r"^[ \t]*[+|=\u2500-\u257f-]{3,}[ \t]*$")
"""The upper or lower side of a frame."""
_LINE_END = re.compile(r"[ \t]*(?:\\n|[$\u21b5\u23ce\u00b6\u2424])[ \t]*$")
_PRINT = re.compile(r"^([ \t]*)print[ \t]+(?![ \t(=.\[])(?!>>)(.*[^\s,]),?[ \t]*$", re.MULTILINE)
"""A statement of Python 2."""
_OF_DIFFS = re.compile(
    r"--- |\+\+\+ |@@|diff |index |(?:new|deleted) file|(?:old|new) mode|\\ No|\*\*\* |Index: |={9,}$"
)
_BEGINS_DIFF = re.compile(r"diff --git |--- \S|@@|\*\*\* (?:Begin|Add) ")
_TAG = re.compile(
    r"</?(?:pre|code|answer|program|python|solution|output|response|script|final|artifact|file|antArtifact|textarea|source"
    r"|syntaxhighlight|parameter|content)\b[^<>\n]*>"
    r"(?: +(?=[A-Z]))?|<!\[CDATA\[|\]\]>|<br ?/?>$",
    re.IGNORECASE | re.MULTILINE,
)
_CONTROL = re.compile("\x1b\\[[0-9;?]*[@-~]|[\x00-\x08\x0e-\x1f\x7f]")
_INLINE_TAG = re.compile(
    r"</?(?:span|font|mark|b|i|u|em|strong|a|div|p|[ou]l|li|td|tr|table|tbody|thead)\b[^<>\n]*>", re.IGNORECASE
)
_NEXT_CELL = re.compile(r"</td>[ \t]*<td\b[^<>\n]*>", re.IGNORECASE)
"""Between the number of a line and the line, as pages of code have it."""
_NEXT_PARAGRAPH = re.compile(r"</(p|div|li|tr)>[ \t]*(?=<\1\b)|<br ?/?>(?=.)", re.IGNORECASE)
_ESCAPED_MARK = re.compile(r"\\([_*`~#<>!&{}$\[\]()])")
_BOLD_NAME = re.compile(r"\*\*(\w+)\*\*(?=\()")
"""`__init__(` as Markdown renders it."""
_BEGUN_IN_LINE = re.compile(
    r"^([^\n]*?[\"'`>{(\[:=,])[ \t]*((?:import|from)[ \t]+[\w.]+(?:[ \t][\w., *()]*)?|(?:def|class)[ \t]+\w+[^\n]*:)$",
    re.MULTILINE,
)
_IN_TICKS = re.compile(r"^(?:[-*+][ \t]+|\|[^`|\n]*\|)?[ \t]*`([^`]*)`[ \t]*\|?[ \t]*$")
_CODE = re.compile(
    r"^(?:import\s+\w|from\s+[\w.]+\s+import\b|class\s+[\w\\]+\s*[(:]|def\s+[\w\\]+\s*\(|async\s+def\s|@\w|#|\"\"\"|'''"
    r"|[A-Za-z_]\w*(?:\s*,\s*\w+)*\s*(?::\s*[\w.\[\], ]+)?=(?!=))"
)
_ASCII = {
    " ": "\u00a0\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000",
    "": "\u00ad\u061c\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069\x0b",
    '"': "\u201c\u201d\u201e\u201f\u2033\u00ab\u00bb",
    "'": "\u2018\u2019\u201a\u201b\u2032",
    "-": "\u2010\u2011\u2012\u2013\u2014\u2015\u2212",
    "*": "\u00d7\u2217\u22c5",
    "/": "\u00f7\u2215",
    "...": "\u2026",
    "<=": "\u2264",
    ">=": "\u2265",
    "!=": "\u2260",
    "->": "\u2192",
}
_TYPOGRAPHY = str.maketrans({mark: plain for plain, marks in _ASCII.items() for mark in marks})
_MIXED = re.compile(r"\b(?=\w*[A-Za-z])(?=\w*[\u0391-\u03a7\u03bf\u0405-\u0458])\w+")
"""Words with Latin letters and some that may only look so."""
MOST_LEVELS = 3
"""Times that a text is quoted or escaped over again."""
MOST_STARTS, MOST_ENDS = 40, 60
"""Lines at which a program in prose may begin and end, at most: each pair is parsed."""


def plain(text: str) -> str:
    """Return `text` without colours of terminals, control characters and letters that pass for others, and of two
    versions in conflict the later."""
    if _CONTROL.search(text):
        text = _CONTROL.sub("", text)
    text = _MIXED.sub(_in_latin, text.encode("utf-8", "replace").decode("utf-8"))
    return _later_version(text) if "\n>>>>>" in text else text


def _in_latin(word: re.Match[str]) -> str:
    """Return a word with Latin letters in place of those that look like them, where that makes it one of Latin letters
    alone: no policy lets it through as it is."""
    latin = word[0].translate(LIKE_LATIN)
    return latin if latin.isascii() else word[0]


def _later_version(text: str) -> str:
    """Return `text` with what stands after `=======` in place of what stands between `<<<<<<<` and `>>>>>>>`."""
    kept, old, new = list[str](), list[str](), list[str]()
    is_old = is_new = False
    for line in text.split("\n"):
        if line.startswith("<<<<<"):
            kept += old + new
            is_old, is_new, old, new = True, False, [line], []
        elif is_old and line.startswith("=====") and not line.strip("="):
            is_old, is_new = False, True
            old.append(line)
        elif is_new and line.startswith(">>>>>"):
            kept += new
            is_new, old, new = False, [], []
        else:
            (new if is_new else old if is_old else kept).append(line)
    return "\n".join([*kept, *old, *new])


def cleanings(text: str) -> Iterator[str]:
    """Yield `text` without one kind of foreign marks after the other, as far as they change it, alone and together."""
    steps: tuple[Callable[[str], str], ...] = (
        _without_magics,
        _without_prompts,
        without_quotes,
        _without_bullets,
        _without_frame,
        _without_numbers,
        _as_patched,
        _without_tags,
        lambda found: _PRINT.sub(r"\1print(\2)", found),
        lambda found: re.sub(r"^type (\w+) = ", r"\1 = ", found, flags=re.MULTILINE),  # Python 3.12
        _later_version,
        lambda found: _BOLD_NAME.sub(r"__\1__", found),
        lambda found: _ESCAPED_MARK.sub(r"\1", found),
        _without_ticks,
        unescaped,
        lambda found: _BEGUN_IN_LINE.sub(r"\1\n\2", found, count=1),
        lambda found: unicodedata.normalize("NFKC", found.translate(_TYPOGRAPHY)),
        _dedented_but_first,
        _said_once,
        str.expandtabs,
        lambda found: found.expandtabs(4),
    )
    seen, together = {text}, text
    for step in steps:
        for result in (step(text), together := step(together)):
            if result not in seen:
                seen.add(result)
                yield result
    yield from (result for each in (together, text) if (result := without_prose(each)) not in seen)


def without_prose(text: str) -> str:
    """Return the program in `text` without sentences before and after it; `text` itself when it begins with code."""
    lines = text.split("\n")
    starts = [number for number, line in enumerate(lines) if _CODE.match(line)]
    end = 0
    for start in starts[:MOST_STARTS]:
        if start < end or (re.match(r"#+ [A-Z]", lines[start]) and start + 1 < len(lines)):
            continue  # A heading reads as a comment.
        end, is_code = _end_of_code(lines, start)
        if is_code:
            return "\n".join(lines[start:end])
    begun = next((number for number in starts if not lines[number].startswith("#")), None)
    is_prose = begun is not None and any(_is_prose(line) for line in lines[:begun])
    return "\n".join(lines[begun:]) if is_prose else text


def between_prose(text: str) -> list[str]:
    """Return what stands between the lines of `text` that cannot be code."""
    groups = groupby(text.split("\n"), _is_prose)
    return ["\n".join(lines) for is_prose, lines in groups if not is_prose]


def _end_of_code(lines: list[str], start: int) -> tuple[int, bool]:
    """Return the line before which the code from `start` on ends, when only prose follows, and True.

    Where it is no code: the first line with which it is no Python, whatever follows or is left out before, and False.
    """
    prose = (number for number in range(len(lines) - 1, start, -1) if _is_prose(lines[number]))
    wrong = len(lines)
    for end in islice((end for end in chain([len(lines)], prose) if end <= wrong), MOST_ENDS):
        tree = parse("\n".join(lines[start:end]))
        if isinstance(tree, Failure):
            wrong = min(wrong, start + tree.line - 1) if tree.line else wrong
        elif any(isinstance(node, ast.ClassDef | ast.FunctionDef) for node in tree.body):
            return end, True
    return wrong, False


def _is_prose(line: str) -> bool:
    """Return whether an unindented line cannot be code, not even the beginning of a statement."""
    if not line.strip() or line[0] in " \t)]}" or (_CODE.match(line) and not line.startswith("#")):
        return False
    if re.match(r"(?:\*\*|#{1,6} |[-*+] |\d+[.)] |---|<|\|)", line):
        return True
    if re.match(
        r"(?:if|for|while|with|try|except|else|elif|finally|return|print|assert|raise|del|async)\b.*[:()]", line
    ):
        return False
    if re.search(r"[^\W\d_]+[,;:]? [^\W\d_]+", line):
        return True
    goes_on = line.rstrip()[-1] in "\\,([{" or '"' * 3 in line or "'" * 3 in line
    return not goes_on and tree_of(line) is None


def _without_magics(text: str) -> str:
    return "\n".join("" if _MAGIC.match(line) else line for line in text.split("\n")).lstrip("\n")


def _without_prompts(text: str) -> str:
    lines = text.split("\n")
    if not any(re.match(r"\s*(?:>>>|In \[\d*\]:)", line) for line in lines):
        return text
    if not any(found[0] != line for line in lines if (found := _PROMPT.match(line))):
        return "\n".join("" if _PROMPT.match(line) else line for line in lines)  # Marks of cells.
    return "\n".join(_PROMPT.sub("", line, count=1) for line in lines if _PROMPT.match(line))


def without_quotes(text: str) -> str:
    """Return a text of which every line is quoted as it was before, at most MOST_LEVELS times over."""
    lines = text.split("\n")
    for _ in range(MOST_LEVELS):
        if _all_begin_with(">", lines):
            lines = [line[1:].removeprefix(" ") for line in lines]
    return "\n".join(lines)


def _without_bullets(text: str) -> str:
    """Return the lines of a list that has one for each line of the program."""
    lines = text.split("\n")
    found = all(re.match("[-*\u2022](?: |$)", line) for line in lines if line.strip())
    return "\n".join(line[2:] for line in lines) if found else text


def _without_ticks(text: str) -> str:
    """Return the code of lines that are each marked as code on their own, as in a list or a table."""
    found = [match[1] for line in text.split("\n") if (match := _IN_TICKS.match(line))]
    return "\n".join(found) if len(found) > 2 else text


def _all_begin_with(marks: str, lines: list[str]) -> bool:
    return all(line[0] in marks for line in lines if line.strip())


def _without_frame(text: str) -> str:
    """Return the lines within a frame of characters, or without the mark of a line end at the end of each."""
    lines = [line for line in text.split("\n") if not _RULE.match(line)]
    if all(line.lstrip()[:1] in "|\u2502\u2503\u2551" for line in lines if line.strip()):
        return "\n".join(_FRAME.sub("", line).rstrip() for line in lines)
    is_ended = all(_LINE_END.search(line) for line in lines if line.strip())
    return "\n".join(_LINE_END.sub("", line) for line in lines) if is_ended else text


def _without_numbers(text: str) -> str:
    """Return `text` without the number that each line begins with; in the gutter of a diff there are two."""
    once = _without_number(text)
    twice = _without_number(once) if once != text and tree_of(once) is None else once
    return twice if tree_of(twice) is not None else once


def _without_number(text: str) -> str:
    lines = text.split("\n")
    found = [_NUMBER.match(line) for line in lines]
    if len(lines) < 2 or not all(match or not line.strip() for match, line in zip(found, lines, strict=True)):
        return text
    width = max((match.end() for match in found if match), default=0)
    by_line = [line[match.end() if match else 0 :] for match, line in zip(found, lines, strict=True)]
    is_aligned = all(not line[:width].strip(" \tL|:.)[]\u2192\u2502\u25030123456789") for line in lines)
    for rest in (by_line, [line[width:] for line in lines]) if is_aligned else (by_line,):
        text = textwrap.dedent("\n".join(rest))
        if tree_of(text) is not None:
            break
    return text


def _as_patched(text: str) -> str:
    """Return what a diff leads to: without its headers, the lines it takes away, and the first column."""
    lines = text.split("\n")
    begin = next((number for number, line in enumerate(lines) if _BEGINS_DIFF.match(line)), 0)
    ends = ("--", "*** End Patch")  # git's signature follows, or the end of a call in a shell
    lines = list(takewhile(lambda line: line.rstrip() not in ends, lines[begin:]))
    lines = [line for line in lines if not _OF_DIFFS.match(line)]
    if not _all_begin_with("+- ", lines) or not any(line.startswith("+") for line in lines):
        return text
    patched = "\n".join(line[1:] for line in lines if not line.startswith("-"))
    return patched if tree_of(patched) is not None else textwrap.dedent(patched)


def _said_once(text: str) -> str:
    """Return a text up to where it begins over again, as when a model repeats itself until it is cut off."""
    lines = [line for line in text.split("\n") if line.strip()]
    first = next((number for number, line in enumerate(lines) if _CODE.match(line)), len(lines))
    head = lines[first : first + 2]
    begin = text.find(head[0]) if len(head) > 1 else -1
    again = text.find(f"\n{head[0]}\n", begin + 1) if begin >= 0 else -1
    is_same = again >= 0 and text[again:].lstrip("\n").split("\n", 1)[1].lstrip("\n").startswith(head[1])
    return text[: again + 1] if is_same else text


def _without_tags(text: str) -> str:
    text = _NEXT_PARAGRAPH.sub("\n", text)
    rows = _NEXT_CELL.sub(" ", text)
    is_table = rows != text
    text = _TAG.sub(lambda tag: "" if tag[0].startswith("<br") else "\n", _INLINE_TAG.sub("", rows))
    for _ in range(MOST_LEVELS):
        text = html.unescape(text)
    return _without_numbers(text.strip("\n")) if is_table else text


def _dedented_but_first(text: str) -> str:
    """Return a text whose first line alone has lost the indentation of all, or alone has one."""
    first, _, rest = text.strip().partition("\n")
    if rest.lstrip("\n")[:1] in (" ", "\t") and not re.search(r"^\S", rest, re.MULTILINE):
        return f"{first}\n{textwrap.dedent(rest)}" if first[-1:] not in ":(,[{" else text
    return f"{first}\n{rest}\n" if text.lstrip("\n")[:1] in (" ", "\t") else text
