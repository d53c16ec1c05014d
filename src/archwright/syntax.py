"""Python text to syntax tree: the one place that calls `ast.parse`. And what an import in a tree binds.

CPython before 3.13 counts the depth of the tree that it builds in one place for the whole process. Garbage that is
collected in the meantime and whose finalizer parses too, as logging a traceback does, ends the outer call in
"SystemError: AST constructor recursion depth mismatch" (gh-106905). The text is not to blame: it is read again.
"""

import ast
from collections.abc import Callable, Iterator
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


def imported(node: ast.AST) -> Iterator[tuple[str, str]]:
    """Yield every name that an import binds and what it stands for: `nn` and `torch.nn`; nothing of any other node.

    `import torch.nn` binds `torch`, which stands for `torch`.
    """
    if isinstance(node, ast.Import):
        for alias in node.names:
            root = alias.name.partition(".")[0]
            yield (alias.asname, alias.name) if alias.asname else (root, root)
    elif isinstance(node, ast.ImportFrom):
        module = "." * node.level + (node.module or "")
        yield from ((alias.asname or alias.name, f"{module}.{alias.name}") for alias in node.names)
