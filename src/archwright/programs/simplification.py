"""What changes nothing about a network, taken out of a syntax tree or written in one way."""

import ast
from collections.abc import Sequence

from archwright.contracts.as_run import is_main_block
from archwright.programs.layers import SIGNATURES, bound_as, dotted_name
from archwright.programs.lookups import is_handed_over
from archwright.programs.walking import walk


def simplified(tree: ast.Module) -> ast.Module:
    """Return `tree` without docstrings, annotations, prints, `pass` and script blocks; `tree` itself is consumed.

    `super()` is written without arguments. Annotations that somebody may read stay: the fields of a data class or a
    named tuple, and the arguments of a function whose decorator is not known.
    """
    tree.body = [statement for statement in tree.body if not is_main_block(statement)]
    nodes = walk(tree)
    read = {argument for node in nodes if is_handed_over(node) for argument in walk(getattr(node, "args", node))}
    for node in nodes:
        if isinstance(node, ast.Call):
            if isinstance(node.func, ast.Name) and node.func.id == "super":
                node.args = []
        elif isinstance(node, ast.arg) and node not in read:
            node.annotation = None
        elif node.__class__ in _WITH_BLOCKS:
            _simplify_blocks(node)
    return tree


_WITH_BLOCKS = frozenset(
    {ast.Module, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.For, ast.AsyncFor, ast.While, ast.If}
    | {ast.With, ast.AsyncWith, ast.Try, ast.TryStar, ast.ExceptHandler, ast.match_case}
)


def _simplify_blocks(node: ast.AST) -> None:
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        node.returns = None
    for name in ("body", "orelse", "finalbody"):
        if not hasattr(node, name):
            continue
        block = getattr(node, name)
        if not _has_fields(node):
            block = [plain for statement in block if (plain := _unannotated(statement)) is not None]
        kept = [statement for statement in block if not _has_no_effect(statement)]
        is_needed = name == "body" and bool(block) and not isinstance(node, ast.Module)
        setattr(node, name, kept or ([ast.Pass()] if is_needed else []))


def _has_fields(node: ast.AST) -> bool:
    """Return whether the annotations of a class may make its fields: it is decorated, or more than a module."""
    if not isinstance(node, ast.ClassDef):
        return False
    return bool(node.decorator_list) or any((dotted_name(base) or "")[-6:] != "Module" for base in node.bases)


def _unannotated(statement: ast.stmt) -> ast.stmt | None:
    """An annotated assignment is an assignment, and no statement at all without a value."""
    if not isinstance(statement, ast.AnnAssign):
        return statement
    if statement.value is None:
        return None
    return ast.copy_location(ast.Assign(targets=[statement.target], value=statement.value), statement)


def _has_no_effect(statement: ast.AST) -> bool:
    if isinstance(statement, ast.Pass):
        return True
    if not isinstance(statement, ast.Expr):
        return False
    value = statement.value
    is_print = isinstance(value, ast.Call) and isinstance(value.func, ast.Name) and value.func.id == "print"
    return is_print or isinstance(value, ast.Constant)


def normalize_call(node: ast.Call) -> None:
    """Write a known layer's arguments by name, in order and without defaults; sort the keywords of any other call.

    Whether a layer works in place changes nothing.
    """
    module, _, name = (dotted_name(node.func) or "").rpartition(".")
    bound = bound_as(name, node) if module == "torch.nn" and name in SIGNATURES else None
    if bound is None:
        if node.keywords:
            node.keywords = _sorted_runs([keyword for keyword in node.keywords if keyword.arg != "inplace"])
        return
    node.args = []
    node.keywords = [
        ast.keyword(argument, value)
        for argument, default in SIGNATURES[name].items()
        if argument in bound
        and argument != "inplace"
        and not is_default(value := _scalar(argument, bound[argument]), default)
    ]


def _sorted_runs(keywords: Sequence[ast.keyword]) -> list[ast.keyword]:
    """Sort keywords by name; what `**mapping` comes after stays before it."""
    runs: list[list[ast.keyword]] = [[]]
    for keyword in keywords:
        if keyword.arg is None:
            runs += [[keyword], []]
        else:
            runs[-1].append(keyword)
    return [keyword for run in runs for keyword in sorted(run, key=lambda keyword: keyword.arg or "")]


def _scalar(argument: str, value: ast.expr) -> ast.expr:
    """`(3, 3)` is 3 to a layer over images; a shape to be normalised has one more dimension."""
    if argument == "normalized_shape" or not isinstance(value, ast.Tuple) or not value.elts:
        return value
    return value.elts[0] if len({ast.dump(element) for element in value.elts}) == 1 else value


def is_default(value: ast.expr, default: object) -> bool:
    """Return whether the expression is a literal equal to `default`; `...` stands for none."""
    if default is ...:
        return False
    try:
        literal = value.value if isinstance(value, ast.Constant) else ast.literal_eval(value)
        return repr(literal) == repr(default)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return False
