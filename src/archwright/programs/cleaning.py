"""What stands in a block of code and is no Python: prompts, magics, line numbers, tags, prose."""

import ast
import html
import re
from collections.abc import Callable, Iterator

from archwright.contracts.parse import parse

_MAGIC = re.compile(r"^\s*(?:%{1,2}[A-Za-z].*|![\s\w./~-].*|\?\w.*|pip3? install .*|conda install .*|\$ .*)$")
_PROMPT = re.compile(r"^\s*(?:>>> ?|\.\.\.(?: |$)|In \[\d*\]: ?|\s*\.\.\.: ?)")
_NUMBER = re.compile(r"^\s*\d+(?:\s*[|:]\s?|\t| {1,2}|$)")
_TAG_LINE = re.compile(
    r"</?(?:pre|code|answer|program|python|solution|output|response|script|final|artifact)\b[^<>\n]*>", re.I
)
_CODE = re.compile(
    r"^(?:import\s+\w|from\s+[\w.]+\s+import\b|class\s+\w+\s*[(:]|def\s+\w+\s*\(|async\s+def\s|@\w|#|\"\"\"|'''"
    r"|[A-Za-z_]\w*(?:\s*,\s*\w+)*\s*(?::\s*[\w.\[\], ]+)?=(?!=))"
)
_TYPOGRAPHY = str.maketrans(
    {"\u00a0": " ", "\u202f": " ", "\u2003": " ", "\u3000": " ", "\u200b": None, "\u200c": None, "\u200d": None}
    | {"\u2060": None, "\u201c": '"', "\u201d": '"', "\u2018": "'", "\u2019": "'", "\u2212": "-"}
)
MOST_STARTS, MOST_ENDS = 40, 60
"""Lines at which a program in prose may begin and end, at most: each pair is parsed."""


def cleanings(text: str) -> Iterator[str]:
    """Yield `text` without one kind of foreign marks after the other, as far as they change it, alone and together."""
    steps: tuple[Callable[[str], str], ...] = (
        _without_magics,
        _without_prompts,
        _without_numbers,
        _without_pluses,
        _without_tags,
        lambda found: found.translate(_TYPOGRAPHY),
    )
    seen, together = {text}, text
    for step in steps:
        for result in (step(text), together := step(together)):
            if result not in seen:
                seen.add(result)
                yield result
    yield from (result for each in (text, together) if (result := without_prose(each)) not in seen)


def without_prose(text: str) -> str:
    """Return the program in `text` without sentences before and after it; `text` itself when it begins with code."""
    lines = text.split("\n")
    starts = [number for number, line in enumerate(lines) if _CODE.match(line)]
    for start in starts[:MOST_STARTS]:
        if lines[start].startswith("#") and re.match(r"#+ [A-Z]", lines[start]) and start + 1 < len(lines):
            continue  # A heading reads as a comment.
        if (end := _end_of_code(lines, start)) is not None:
            return "\n".join(lines[start:end])
    begun = next((number for number in starts if not lines[number].startswith("#")), None)
    is_prose = begun is not None and any(_is_prose(line) for line in lines[:begun])
    return "\n".join(lines[begun:]) if is_prose else text


def _end_of_code(lines: list[str], start: int) -> int | None:
    """Return the line before which the code from `start` on ends, when only prose follows; None when it is no code."""
    ends = [len(lines), *(number for number in range(len(lines) - 1, start, -1) if _is_prose(lines[number]))]
    for end in ends[:MOST_ENDS]:
        tree = parse("\n".join(lines[start:end]))
        if isinstance(tree, ast.Module) and any(isinstance(node, ast.ClassDef | ast.FunctionDef) for node in tree.body):
            return end
    return None


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
    return bool(re.search(r"[^\W\d_]+[,;:]? [^\W\d_]+", line) or re.fullmatch(r"[^\W\d_]+[.!:]", line.strip()))


def _without_magics(text: str) -> str:
    return "\n".join("" if _MAGIC.match(line) else line for line in text.split("\n")).lstrip("\n")


def _without_prompts(text: str) -> str:
    lines = text.split("\n")
    if not any(re.match(r"\s*(?:>>>|In \[\d*\]:)", line) for line in lines):
        return text
    return "\n".join(_PROMPT.sub("", line, count=1) for line in lines if _PROMPT.match(line))


def _without_numbers(text: str) -> str:
    lines = [line for line in text.split("\n") if line.strip()]
    if len(lines) < 2 or not all(_NUMBER.match(line) for line in lines):
        return text
    width = max(len(match.group()) for line in lines if (match := re.match(r"^\s*\d+(?:\s*[|:]|\t)?", line)))
    is_aligned = all(not line[:width].strip(" \t|:0123456789") for line in lines)
    if is_aligned:
        rest = [line[width:] for line in text.split("\n")]
        pad = 1 if all(line[:1] in ("", " ") for line in rest) else 0
        return "\n".join(line[pad:] for line in rest)
    return "\n".join(_NUMBER.sub("", line, count=1) for line in text.split("\n"))


def _without_pluses(text: str) -> str:
    lines = text.split("\n")
    lines = [line for line in lines if not re.match(r"(?:---|\+\+\+|@@|diff )", line)]
    if not all(line.startswith("+") for line in lines if line.strip()):
        return text
    return "\n".join(line[1:] for line in lines)


def _without_tags(text: str) -> str:
    return html.unescape(_TAG_LINE.sub("", text))
