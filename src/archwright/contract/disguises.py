"""Text that reads as something else than it is: marks that turn the direction of writing, letters of other scripts.

Part of the policy; "Trojan Source" (Boucher and Anderson 2021) describes the tricks.
"""

import ast
import re
from collections.abc import Iterator

_INVISIBLE = re.compile("[\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]")


def find_disguises(tree: ast.Module, source: str) -> Iterator[tuple[str, int]]:
    """Yield what is wrong and on which line: invisible characters anywhere, names outside ASCII."""
    if source.isascii():
        return
    for number, line in enumerate(source.split("\n"), start=1):
        if found := _INVISIBLE.search(line):
            character = f"U+{ord(found.group()):04X}"
            yield f"the invisible character {character} is not allowed; write plain text", number
    for node in ast.walk(tree):
        for name in _names(node):
            if not name.isascii():
                yield (
                    f"the name {ascii(name)[1:-1]} is not allowed; use ASCII letters in names",
                    getattr(node, "lineno", 1),
                )


def _names(node: ast.AST) -> Iterator[str]:
    for field in ("id", "attr", "arg", "name", "asname"):
        value = getattr(node, field, None)
        if isinstance(value, str):
            yield value
