"""Programs inside of another document: strings of JSON and notebooks, literals of Python, LaTeX, indented text."""

import base64
import json
import quopri
import re
import textwrap
from collections.abc import Iterator
from contextlib import suppress
from itertools import islice
from urllib.parse import unquote, unquote_plus

from archwright.programs.fences import readings

MOST_DOCUMENTS = 40
"""Places at which a JSON document is looked for."""
_DOCUMENT = re.compile(r"[{\[](?=\s*[\"{\[])")
_QUOTED = re.compile(r"(\"\"\"|''')(?:(?:python\d?|py)?[ \t]*\n)?(.*?)\1", re.DOTALL | re.IGNORECASE)
_LITERAL = re.compile(r"([\"'])(?=(?:\\n| )*(?:(?:import|from|class|def) |[#@]|\\\"\\\"))((?:\\.|(?!\1)[^\\\n])*)")
"""A literal of one line that begins with code; its end may be missing."""
_BOX = re.compile(r"\\(?:boxed|fbox|text|texttt|mathtt|mathrm)\s*\{")
_ENVIRONMENT = re.compile(r"\\begin\{(\w+)\*?\}(?:\[[^\]\n]*\]|\{[^}\n]*\})*")
_INDENTED = re.compile(r"(?:^(?:[ \t]+\S.*|[ \t]*)(?:\n|\Z))+", re.MULTILINE)
_QUOTED_LINES = re.compile(r"(?:^>.*(?:\n|\Z))+", re.MULTILINE)
_EARLIER = re.compile(
    r"draft|original|previous|parent|baseline|\bold|before|attempt|first|th(?:ought|ink)|reason|analysis|explanation"
    r"|alternative|critique|scratch|plan|prompt|input|request|question|instruction|example",
    re.IGNORECASE,
)
"""Keys of what is not the answer: what was there before, how it was found, what is offered beside it."""
_ADDED_LINES = re.compile(r"(?:^\+.*(?:\n|\Z)){4,}", re.MULTILINE)
_BASE64 = re.compile(r"(?:[A-Za-z0-9+/]{40,}\s?)+[A-Za-z0-9+/]*={0,2}")
_BRACE = re.compile(r"\\[{}]|[{}]")
_UNESCAPED = {"\\r\\n": "\n", "\\n": "\n", "\\t": "\t", '\\"': '"', "\\'": "'", "\\\\": "\\"}


def strings_of_json(text: str) -> list[str]:
    """Return the texts in the JSON documents of `text` in their order, and the fenced blocks of those that have any.

    Line ends within strings are forgiven, lists of lines are joined, and a string that is JSON itself is looked into.
    """
    return [block for one in _strings_of_documents(text) for block in (next(readings(one)) or [one])]


def answer_in_json(text: str, defines: str) -> list[str]:
    """Return the answer in a text that is JSON from its beginning, where fences and words that label them are in it."""
    if text.lstrip()[:1] not in ("{", "["):
        return []
    found = [one for one in _strings_of_documents(text) if f"class {defines}" in one]
    return [one for one in found[-1:] if "```" in one]


def _strings_of_documents(text: str) -> list[str]:
    decoder, found, position = json.JSONDecoder(strict=False), list[str](), 0
    for _ in range(MOST_DOCUMENTS):
        start = _DOCUMENT.search(text, position)
        if start is None:
            break
        try:
            value, position = decoder.raw_decode(text, start.start())
        except (ValueError, RecursionError):
            position = start.end()
            continue
        found += _strings(value)
    return found


def literals(text: str) -> list[str]:
    """Return the literals of one line with code in them, in whatever language they stand and wherever that breaks."""
    return [_decoded(found[2]) for found in _LITERAL.finditer(text) if "\\n" in found[2]]


def in_latex(text: str) -> list[str]:
    """Return what stands in the environments and boxes of LaTeX, the innermost last."""
    found = []
    for begin in islice(_ENVIRONMENT.finditer(text), MOST_DOCUMENTS):
        end = text.find(f"\\end{{{begin[1]}", begin.end())
        found.append(text[begin.end() : end if end >= 0 else len(text)])
    for box in islice(_BOX.finditer(text), MOST_DOCUMENTS):
        found.append(text[box.end() : _closing_brace(text, box.end())])
    return found


def _closing_brace(text: str, position: int) -> int:
    """Return where the brace that was opened before `position` is closed, or the end of `text`."""
    depth = 1
    for mark in _BRACE.finditer(text, position):
        depth += {"{": 1, "}": -1}.get(mark[0], 0)
        if not depth:
            return mark.start()
    return len(text)


def _decoded(literal: str) -> str:
    try:
        return str(json.loads(f'"{literal}"', strict=False))
    except ValueError:
        return re.sub(r"\\[nt\"'\\]", lambda found: _UNESCAPED[found[0]], literal)


def quoted(text: str) -> list[str]:
    """Return what stands between triple quotation marks."""
    return [found[2] for found in _QUOTED.finditer(text)]


def indented(text: str) -> list[str]:
    """Return the runs of indented lines, without their indentation: code blocks of Markdown and reStructuredText; and
    those of quoted lines and of lines that a diff adds."""
    runs = (*_INDENTED.finditer(text), *_QUOTED_LINES.finditer(text), *_ADDED_LINES.finditer(text))
    return [textwrap.dedent(found[0]) for found in runs if found[0].strip()]


def unescaped(text: str) -> str:
    """Return a text of one line with the line ends and quotation marks that its escapes stand for."""
    if "\n" in text.strip():
        return text
    return re.sub(r"\\r\\n|\\[nt\"'\\]", lambda found: _UNESCAPED[found[0]], text)


def decoded(text: str) -> Iterator[str]:
    """Yield what runs of base64 in `text` hold, and what it says as a URL or a mail writes it."""
    for run in islice(_BASE64.finditer(text), MOST_DOCUMENTS):
        with suppress(ValueError):
            yield base64.b64decode("".join(run[0].split()), validate=True).decode("utf-8")
    if "%0A" in text:
        yield unquote(text) if "%20" in text else unquote_plus(text)
    if "=3D" in text:
        yield quopri.decodestring(text.encode()).decode("utf-8", "replace")


def _answers_last(document: dict[str, object]) -> list[object]:
    """Return the values of a document, those first that are named as what the answer improves on."""
    return [document[key] for key in sorted(document, key=lambda key: _EARLIER.search(key) is None)]


def _strings(value: object) -> Iterator[str]:
    queue = [value]
    while queue:
        one = queue.pop(0)
        if isinstance(one, list) and one and all(isinstance(each, str) for each in one):
            one = ("" if one[0].endswith("\n") else "\n").join(one)
        if isinstance(one, dict | list):
            queue[:0] = _answers_last(one) if isinstance(one, dict) else one
        elif isinstance(one, str):
            try:
                inner = json.loads(one, strict=False) if one.lstrip()[:1] in ("{", "[") else None
            except (ValueError, RecursionError):
                inner = None
            if isinstance(inner, dict | list):
                queue.insert(0, inner)
            elif one.strip():
                yield one
