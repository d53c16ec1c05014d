"""Text that reads as something else than it is: marks that turn the direction of writing, letters of other scripts.

Part of the policy; "Trojan Source" (Boucher and Anderson 2021) describes the tricks.
"""

import ast
import re
from collections.abc import Iterator

_INVISIBLE = re.compile("[\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]")
_ASCII = frozenset(map(chr, range(128)))
_OWN_SHAPES = frozenset(
    "\u0393\u0394\u0398\u039b\u039e\u03a0\u03a3\u03a6\u03a8\u03a9\u03b2\u03b4\u03b5\u03b6\u03b7\u03b8\u03bb\u03bc\u03be\u03c0\u03c3\u03c6\u03c8\u03c9\u00b5"
)
"""Greek letters that look like no Latin one: they may stand beside Latin letters, as in a step of time."""
_GREEK = _OWN_SHAPES | frozenset("\u03b1\u03b3\u03b9\u03ba\u03bd\u03c1\u03c2\u03c4\u03c5\u03c7")
"""Without the omicron, which nobody writes but to be taken for an o."""


def find_disguises(tree: ast.Module, source: str) -> Iterator[tuple[str, int]]:
    """Yield what is wrong and on which line: invisible characters anywhere, names outside ASCII
    and the Greek of formulas."""
    if source.isascii():
        return
    for number, line in enumerate(source.split("\n"), start=1):
        if found := _INVISIBLE.search(line):
            character = f"U+{ord(found.group()):04X}"
            yield f"the invisible character {character} is not allowed; write plain text", number
    for node in ast.walk(tree):
        for name in _names(node):
            if not (name.isascii() or _is_greek(name)):
                yield (
                    f"the name {ascii(name)[1:-1]} is not allowed; use ASCII letters in names",
                    getattr(node, "lineno", 1),
                )


def _is_greek(name: str) -> bool:
    """Return whether the letters of `name` outside ASCII are Greek and none of a word passes for a Latin one."""
    if not set(name) <= {*_ASCII, *_GREEK}:
        return False
    words = re.findall("[^\\W\\d_]+", name)
    return all(word.isascii() or set(word) <= set(_GREEK) or set(word) <= {*_ASCII, *_OWN_SHAPES} for word in words)


def _names(node: ast.AST) -> Iterator[str]:
    for field in ("id", "attr", "arg", "name", "asname"):
        value = getattr(node, field, None)
        if isinstance(value, str):
            yield value
