"""A program's source as HTML, lightly coloured; the source is untrusted and everything in it is escaped."""

import io
import keyword
import tokenize
from html import escape

from archwright.analysis.text import printable

CLASSES = {tokenize.COMMENT: "c", tokenize.STRING: "t", tokenize.NUMBER: "n"}


def source_html(source: str) -> str:
    """Return `source` escaped, with keywords, strings, numbers and comments marked; only escaped if it is no Python."""
    text = printable(source).strip("\n") + "\n"
    try:
        tokens = list(tokenize.generate_tokens(io.StringIO(text).readline))
    except (tokenize.TokenError, SyntaxError):
        return escape(text)
    lines = text.splitlines(keepends=True)
    parts: list[str] = []
    row, column = 1, 0
    for token in tokens:
        kind = "k" if token.type == tokenize.NAME and keyword.iskeyword(token.string) else CLASSES.get(token.type)
        if kind is None:
            continue
        parts.append(escape(_between(lines, (row, column), token.start)))
        parts.append(f'<span class="{kind}">{escape(_between(lines, token.start, token.end))}</span>')
        row, column = token.end
    parts.append(escape(_between(lines, (row, column), (len(lines) + 1, 0))))
    return "".join(parts)


def _between(lines: list[str], start: tuple[int, int], end: tuple[int, int]) -> str:
    """Return the text from `start` to before `end`, both (1-based row, 0-based column)."""
    if start[0] == end[0]:
        return lines[start[0] - 1][start[1] : end[1]] if start[0] <= len(lines) else ""
    last = lines[end[0] - 1][: end[1]] if end[0] <= len(lines) else ""
    return lines[start[0] - 1][start[1] :] + "".join(lines[start[0] : end[0] - 1]) + last
