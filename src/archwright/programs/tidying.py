"""A program reduced to what trains, in the fewest words: what training pairs are made of."""

import ast

from archwright.programs.formatting import format_tree, parse_program
from archwright.programs.layers import SIGNATURES, bound_arguments, layer_name
from archwright.programs.reachability import only_reachable
from archwright.programs.simplification import Simplifier, is_default


def tidy(source: str) -> str:
    """Return `source` without what does not train: comments, docstrings, annotations, prints, code `Net` never reaches.

    Layers lose arguments that repeat a default. What stays keeps its names and its order, and does what it did before.
    Raises ValueError when `source` does not parse or is nested too deeply.
    """
    try:
        tree = only_reachable(Simplifier().visit(parse_program(source)))
        tree.body = _used_imports(sorted(tree.body, key=_line))
        for node in tree.body:
            if isinstance(node, ast.ClassDef):
                node.body.sort(key=_line)
        return format_tree(_ConciseCalls().visit(tree))
    except RecursionError:
        raise ValueError("the program is nested too deeply") from None


def _line(statement: ast.stmt) -> int:
    return getattr(statement, "lineno", 0)


def _used_imports(statements: list[ast.stmt]) -> list[ast.stmt]:
    """Return module-level statements without the imported names that nothing under them mentions."""
    mentioned = {node.id for statement in statements for node in ast.walk(statement) if isinstance(node, ast.Name)}
    kept: list[ast.stmt] = []
    for statement in statements:
        if isinstance(statement, ast.Import | ast.ImportFrom):
            used = [alias for alias in statement.names if _bound_name(alias) in mentioned | {"*", "annotations"}]
            if not used:
                continue
            statement.names = used
        kept.append(statement)
    return kept


def _bound_name(alias: ast.alias) -> str:
    return alias.asname or alias.name.partition(".")[0]


class _ConciseCalls(ast.NodeTransformer):
    """Writes a known layer's leading arguments by position, flags and others by name, none that is a default."""

    def visit_Call(self, node: ast.Call) -> ast.AST:
        self.generic_visit(node)
        bound = bound_arguments(node)
        if bound is None:
            return node
        signature = SIGNATURES[layer_name(node) or ""]
        given = {
            name: bound[name] for name in signature if name in bound and not is_default(bound[name], signature[name])
        }
        node.args, node.keywords = [], []
        for position, (name, value) in enumerate(given.items()):
            is_flag = isinstance(value, ast.Constant) and isinstance(value.value, bool)
            if list(signature)[position] == name and not is_flag:
                node.args.append(value)
            else:
                node.keywords.append(ast.keyword(name, value))
        return node
