"""The part of a text that is a program: what is left of one that was cut off, or that goes on with something else.

Only whole lines at the end are ever cut; nothing is taken from the middle and nothing is added. What remains may still
fail when it is run.
"""

import ast
from collections.abc import Callable

from archwright.contracts.form import NET
from archwright.contracts.parse import lines_of, parse, source_lines, tree_of

IsSound = Callable[[str], bool]
"""Whether a program passes the static checks."""

MOST_TRIES = 30
"""Ends of a text that are tried before it is given up: each is parsed anew, and a text can be long."""


def trim(source: str, is_sound: IsSound, defines: str = NET) -> str | None:
    """Return the longest beginning of `source` that is sound and ends with a whole definition; None when there is none.

    A definition goes as a whole when the text breaks off inside it, unless it had returned by then; of the class
    `defines`, one method at a time.
    """
    lines = source_lines(source)
    end = _lines_that_parse(lines)
    while end:
        text = "\n".join(lines[:end]).rstrip() + "\n"
        tree = tree_of(text)
        if tree is None:
            return None
        block = _last_block(tree, defines)
        if not _is_cut_through(block, lines[end:]) and is_sound(text):
            return text
        end = lines_of(block).start
    return None


def _lines_that_parse(lines: list[str]) -> int:
    """Return how many lines from the first one parse together, as many as possible; 0 when none do."""
    end = len(lines)
    for _ in range(MOST_TRIES):
        result = parse("\n".join(lines[:end]) + "\n")
        if isinstance(result, ast.Module):
            return end
        if end <= 1:
            break
        # What follows the place of an error cannot mend it.
        end = min(end - 1, max(1, result.line or end))
    return 0


def _last_block(tree: ast.Module, defines: str) -> ast.stmt:
    """Return what is dropped next: the last statement of the module, or of the class while it has others."""
    last = tree.body[-1]
    return last.body[-1] if isinstance(last, ast.ClassDef) and last.name == defines and len(last.body) > 1 else last


def _is_cut_through(block: ast.stmt, rest: list[str]) -> bool:
    """Return whether the first line that was cut belongs to `block`, which had not returned yet."""
    following = next((line.expandtabs() for line in rest if line.strip()), "")
    is_inside = len(following) - len(following.lstrip()) > block.col_offset
    return is_inside and not _ends_with_return(block)


def _ends_with_return(block: ast.stmt) -> bool:
    return isinstance(block, ast.FunctionDef) and isinstance(block.body[-1], ast.Return)
