"""The whole numbers in a program's text: numbered, replaced by calls that a trace can follow, and rewritten in place.

Only the digits of a number change; comments, layout and every other character stay. `ast` knows where each literal
stands, so no concrete syntax tree is needed.
"""

import ast
import re
from collections.abc import Mapping
from dataclasses import dataclass

from archwright.syntax import syntax_tree

LEAST, MOST = 8, 65_536
"""Literals in this range are looked at: smaller ones are ratios, strides and kernels."""
WIDTH_OF, INTEGER_OF, IS_INSTANCE = "__archwright_width__", "__archwright_int__", "__archwright_isinstance__"
"""Names under which an instrumented program finds what replaces a literal, `int` and `isinstance`."""

_LINE_END = re.compile("(\r\n|\r|\n)")


@dataclass(frozen=True, slots=True)
class Literal:
    """One whole number in a text."""

    value: int
    line: int
    """1-based."""
    start: int
    """First byte in its line, as UTF-8."""
    end: int
    """One past its last byte."""


def find_literals(tree: ast.AST) -> dict[int, ast.Constant]:
    """Return the literals that may be widths, by their number: in the order in which they stand."""
    found = [
        node
        for node in _outside_strings(tree)
        if isinstance(node, ast.Constant)
        and type(node.value) is int
        and LEAST <= node.value <= MOST
        and node.lineno == node.end_lineno
    ]
    return dict(enumerate(sorted(found, key=lambda node: (node.lineno, node.col_offset))))


def literals_of(source: str) -> dict[int, Literal]:
    """Return the same as places in the text; raises SyntaxError or ValueError for one that does not parse."""
    return {
        number: Literal(int(str(node.value)), node.lineno, node.col_offset, node.end_col_offset or 0)
        for number, node in find_literals(syntax_tree(source)).items()
    }


def instrumented(source: str) -> ast.Module:
    """Return the tree of `source` with each literal as `__archwright_width__(number, value)`.

    `int(x)` and `isinstance(x, y)` become calls of ours too, because a symbol is not an int to Python.
    """
    tree = syntax_tree(source)
    numbers = {id(node): number for number, node in find_literals(tree).items()}
    changed: ast.Module = _Instrument(numbers).visit(tree)
    return ast.fix_missing_locations(changed)


def rewritten(source: str, values: Mapping[int, int]) -> str:
    """Return `source` with the literals numbered by `literals_of` at new `values`."""
    places = literals_of(source)
    parts = _LINE_END.split(source)  # lines, and between them how they end
    for number in sorted(values, reverse=True):  # From the end: what stands before does not move.
        place = places[number]
        at = 2 * (place.line - 1)
        text = parts[at].encode()
        parts[at] = (text[: place.start] + str(values[number]).encode() + text[place.end :]).decode()
    return "".join(parts)


def _outside_strings(tree: ast.AST) -> list[ast.AST]:
    """Return every node but those in f-strings and patterns, where no call can stand in for a number."""
    found, waiting = list[ast.AST](), [tree]
    while waiting:
        node = waiting.pop()
        if not isinstance(node, ast.JoinedStr | ast.pattern):
            found.append(node)
            waiting += ast.iter_child_nodes(node)
    return found


class _Instrument(ast.NodeTransformer):
    def __init__(self, numbers: Mapping[int, int]) -> None:
        self._numbers = numbers

    def visit_Constant(self, node: ast.Constant) -> ast.expr:
        number = self._numbers.get(id(node))
        if number is None:
            return node
        call = ast.Call(ast.Name(WIDTH_OF, ast.Load()), [ast.Constant(number), ast.Constant(node.value)], [])
        return ast.copy_location(call, node)

    def visit_Call(self, node: ast.Call) -> ast.expr:
        self.generic_visit(node)
        if isinstance(node.func, ast.Name) and not node.keywords:
            if node.func.id == "int" and len(node.args) == 1:
                node.func = ast.copy_location(ast.Name(INTEGER_OF, ast.Load()), node.func)
            elif node.func.id == "isinstance":
                node.func = ast.copy_location(ast.Name(IS_INSTANCE, ast.Load()), node.func)
        return node
