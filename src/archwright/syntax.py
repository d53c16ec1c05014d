"""Python text to syntax tree: the one place that calls `ast.parse`.

CPython before 3.13 counts the depth of the tree that it builds in one place for the whole process. Garbage that is
collected in the meantime and whose finalizer parses too, as logging a traceback does, ends the outer call in
"SystemError: AST constructor recursion depth mismatch" (gh-106905). The text is not to blame: it is read again.
"""

import ast
from collections.abc import Callable
from typing import TypeVar

_TRIES = 3
_Tree = TypeVar("_Tree")


def syntax_tree(source: str) -> ast.Module:
    """Return the tree of a program; raises what `ast.parse` raises for text that is none."""
    return _again(lambda: ast.parse(source))


def expression_tree(source: str) -> ast.expr:
    """Return the tree of one expression; raises what `ast.parse` raises for text that is none."""
    return _again(lambda: ast.parse(source, mode="eval").body)


def _again(read: Callable[[], _Tree]) -> _Tree:
    for _ in range(_TRIES - 1):
        try:
            return read()
        except SystemError:
            continue
    return read()
