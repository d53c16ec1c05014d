"""An answer out of what it is wrapped in as a whole: JSON, the escapes of one line, the marks of a quotation.

Looked at only where the answer as it is holds no edit.
"""

import re
from collections.abc import Iterator

from archwright.programs.enclosed import unescaped
from archwright.programs.patching.outcome import Reason, Unappliable
from archwright.programs.patching.replacing import documents, is_pair, objects

_EDIT = re.compile(r"^(?:@@|\*\*\* (?:Begin Patch|\d)|<{5,9} ?[A-Z]|-{5,9} ?SEARCH|--- .*\n\+\+\+ )", re.MULTILINE)


def wrapped(answer: str) -> Iterator[str]:
    """Yield what an answer wraps, in one way after the other; raises Unappliable where JSON holds alternatives."""
    yield from _in_json(answer)
    if (text := unescaped(answer.strip())) != answer.strip():
        yield text
    lines = answer.strip("\n").split("\n")
    if all(line.startswith(">") for line in lines if line.strip()):
        yield "\n".join(re.sub(r"^> ?", "", line) for line in lines)


def _in_json(answer: str) -> Iterator[str]:
    """Yield the edits in the strings of the JSON documents of an answer as one text."""
    found: dict[str, list[str]] = {}
    for document in documents(answer):
        for key, text in _texts(document):
            if _EDIT.search(text):
                found.setdefault(key, []).append(text)
    if len(found) > 1:
        words = f"the answer holds several edits: {', '.join(list(found)[:4])}"
        raise Unappliable(Reason.SEVERAL_PATCHES, words, "answer with one diff")
    for texts in found.values():
        yield "\n".join(f"```diff\n{text}\n```" if "```" not in text else text for text in dict.fromkeys(texts))


def _texts(document: object) -> Iterator[tuple[str, str]]:
    if isinstance(document, str):
        yield "", document
    for each in objects(document):
        for key, value in () if is_pair(each) else each.items():
            items = value if isinstance(value, list) else [value]
            if items and all(isinstance(item, str) for item in items) and not any("\n" in str(item) for item in items):
                items = ["\n".join(map(str, items))]  # a list of lines
            yield from ((key, item) for item in items if isinstance(item, str))
