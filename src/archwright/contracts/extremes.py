"""Programs that are too much for whoever reads them: deep nesting, and constants that grow when they are computed.

Part of the policy. Nothing is computed here: sizes are estimated from the text.
"""

import ast
from collections.abc import Iterator

MOST_NESTING = 200
"""Levels of the syntax tree; hand-written networks have fewer than 40."""
MOST_BITS = 100_000
MOST_ITEMS = 10_000_000


def find_extremes(tree: ast.Module) -> Iterator[tuple[str, int]]:
    """Yield what is too much and on which line."""
    queue: list[tuple[ast.AST, int]] = [(tree, 0)]
    is_deep = False
    while queue:
        node, depth = queue.pop()
        if depth > MOST_NESTING and not is_deep:
            is_deep = True
            yield f"code nested more than {MOST_NESTING} levels deep is not allowed; use names and loops", _line(node)
        if isinstance(node, ast.BinOp) and (what := _growth(node)):
            yield f"{what} is not allowed; a network needs no such constant", _line(node)
        queue += [(child, depth + 1) for child in ast.iter_child_nodes(node)]


def _growth(node: ast.BinOp) -> str | None:
    """Return what an operation on constants makes, where that is huge."""
    left, right = _value(node.left), _value(node.right)
    if isinstance(node.op, ast.Mult):
        products = ((_length(node.left), right), (_length(node.right), left))
        items = max((length * factor for length, factor in products if length and factor), default=0)
        return f"a constant of more than {MOST_ITEMS:,} items" if items > MOST_ITEMS else None
    if left is None or right is None:
        return None
    bits = {ast.Pow: right * (left.bit_length() - 1), ast.LShift: right * bool(left)}.get(type(node.op), 0)
    return f"a number of more than {MOST_BITS:,} bits" if bits > MOST_BITS else None


def _value(node: ast.AST, levels: int = 4) -> int | None:
    """Return the value of an integer written out, or of a power of such; a huge one counts as huge."""
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, int) else None
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Pow) and levels:
        base, exponent = _value(node.left, levels - 1), _value(node.right, levels - 1)
        if base is not None and exponent is not None:
            is_small = exponent * base.bit_length() <= MOST_BITS
            return int(base**exponent) if is_small else 2**MOST_BITS
    return None


def _length(node: ast.AST, levels: int = 4) -> int | None:
    """Return the length of a sequence written out, or of a product of one."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str | bytes):
        return len(node.value)
    if isinstance(node, ast.List | ast.Tuple):
        return len(node.elts)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult) and levels:
        length, factor = _length(node.left, levels - 1), _value(node.right)
        return None if length is None or factor is None else length * factor
    return None


def _line(node: ast.AST) -> int:
    return getattr(node, "lineno", 1)
