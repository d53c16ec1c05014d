"""A network that is defined inside of another statement: in a main block, in a function that returns it."""

import ast
import textwrap
from collections.abc import Iterator

from archwright.contracts.as_run import is_main_block
from archwright.contracts.parse import lines_of, source_lines, tree_of, without


def unwrapped(source: str, defines: str) -> str:
    """Return `source` with the class `defines` at module level, beside all that stands with it in a main block or in a
    function without arguments; unchanged where it is at module level already, or in something else."""
    tree = tree_of(source)
    if tree is None or _has_class(tree, defines):
        return source
    for outer in tree.body:
        is_opened = is_main_block(outer) or _takes_nothing(outer)
        if is_opened and (inner := next(_bodies_with(outer, defines), None)) is not None:
            lines, body = source_lines(source), [node for node in inner.body if not isinstance(node, ast.Return)]
            text = textwrap.dedent("\n".join(lines[lines_of(body[0]).start : body[-1].end_lineno]))
            lines[outer.lineno - 1 : outer.end_lineno] = text.split("\n")
            result = "\n".join(lines)
            name = getattr(inner, "name", "")
            return _without_calls(result, name) if tree_of(result) is not None else source
    return source


def _bodies_with(outer: ast.AST, defines: str) -> Iterator[ast.If | ast.FunctionDef]:
    """Yield what holds the class directly: `outer`, or a function without arguments in it."""
    for node in ast.walk(outer):
        if (node is outer or _takes_nothing(node)) and isinstance(node, ast.If | ast.FunctionDef):  # noqa: SIM102
            if _has_class(node, defines):
                yield node


def _takes_nothing(node: ast.AST) -> bool:
    return isinstance(node, ast.FunctionDef) and not any(
        isinstance(each, ast.arg) for each in ast.walk(node.args)
    ) and not node.decorator_list  # fmt: skip


def _has_class(node: ast.Module | ast.If | ast.FunctionDef, name: str) -> bool:
    return any(isinstance(inner, ast.ClassDef) and inner.name == name for inner in node.body)


def _without_calls(source: str, name: str) -> str:
    """Return `source` without `Net = name()`, the function being gone."""
    tree = tree_of(source)
    assert tree is not None
    calls = [node for node in tree.body if isinstance(node, ast.Assign) and ast.unparse(node.value) == f"{name}()"]
    return without(source_lines(source), calls) + "\n"
