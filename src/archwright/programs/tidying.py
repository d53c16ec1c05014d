"""A program reduced to what trains, in the fewest words: what training pairs are made of."""

import ast

from archwright.programs.formatting import format_tree, parse_program
from archwright.programs.layers import SIGNATURES, bound_arguments, layer_name
from archwright.programs.reachability import defined_name, only_reachable
from archwright.programs.simplification import is_default, simplified
from archwright.programs.unread import drop_unread
from archwright.programs.walking import walk


def tidy(source: str) -> str:
    """Return `source` without what does not train: comments, docstrings, annotations, prints, code `Net` never reaches,
    attributes and variables that are never read.

    Layers lose arguments that repeat a default. What stays keeps its names and its order, and does what it did before.
    Raises ValueError when `source` does not parse or is nested too deeply.
    """
    try:
        tree = only_reachable(simplified(parse_program(source)))
        while drop_unread(tree):
            tree = only_reachable(tree)
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
    """Return module-level statements without imports that nothing mentions or that only repeat another."""
    mentioned = {node.id for statement in statements for node in walk(statement) if isinstance(node, ast.Name)}
    paths: dict[str, str] = {}
    kept: list[ast.stmt] = []
    for statement in statements:
        if isinstance(statement, ast.Import | ast.ImportFrom):
            used = []
            for alias in statement.names:
                name, path = _bound_name(alias), _path(statement, alias)
                if name in mentioned | {"*", "annotations"} and paths.get(name) != path:
                    used.append(alias)
                paths[name] = path
            if not used:
                continue
            statement.names = used
        else:
            paths.pop(defined_name(statement) or "", None)
        kept.append(statement)
    return kept


def _path(statement: ast.Import | ast.ImportFrom, alias: ast.alias) -> str:
    """Return what the name stands for: `torch.nn` in `from torch import nn`."""
    if isinstance(statement, ast.ImportFrom):
        return "." * statement.level + f"{statement.module}.{alias.name}"
    return alias.name


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
