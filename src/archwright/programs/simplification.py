"""What changes nothing about a network, taken out of a syntax tree or written in one way."""

# ruff: noqa: N802 (visitors are named after the nodes they visit)

import ast
from collections.abc import Sequence

from archwright.programs.layers import SIGNATURES, bound_arguments, dotted_name
from archwright.programs.walking import Transformer


class Simplifier(Transformer):
    """Drops docstrings, annotations, prints, `pass` and script blocks; `super()` is written without arguments."""

    def visit_Module(self, node: ast.Module) -> ast.AST:
        """Also drop blocks that run only as a script."""
        node.body = [statement for statement in node.body if not _is_script_block(statement)]
        return self._with_bodies(node)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        """Drop the docstring and the annotation of the result."""
        node.returns = None
        return self._with_bodies(node)

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> ast.AST:
        """Drop the docstring and the annotation of the result."""
        node.returns = None
        return self._with_bodies(node)

    def visit_arg(self, node: ast.arg) -> ast.AST:
        """Drop the annotation."""
        node.annotation = None
        return node

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST | None:
        """An annotated assignment is an assignment, and no statement at all without a value."""
        if node.value is None:
            return None
        assignment = ast.copy_location(ast.Assign(targets=[node.target], value=node.value), node)
        return self._with_bodies(assignment)

    def visit_Call(self, node: ast.Call) -> ast.AST:
        """`super(Net, self)` is `super()`."""
        if isinstance(node.func, ast.Name) and node.func.id == "super":
            node.args = []
        return self._with_bodies(node)

    def generic_visit(self, node: ast.AST) -> ast.AST:
        """Simplify every block of statements."""
        return self._with_bodies(node)

    def _with_bodies(self, node: ast.AST) -> ast.AST:
        super().generic_visit(node)
        if not isinstance(node, ast.expr):
            for name in ("body", "orelse", "finalbody"):
                block = getattr(node, name, None)
                if block:
                    kept = [statement for statement in block if not _has_no_effect(statement)]
                    is_needed = name == "body" and not isinstance(node, ast.Module)
                    setattr(node, name, kept or ([ast.Pass()] if is_needed else []))
        return node


def _has_no_effect(statement: ast.AST) -> bool:
    if isinstance(statement, ast.Pass):
        return True
    if not isinstance(statement, ast.Expr):
        return False
    value = statement.value
    is_print = isinstance(value, ast.Call) and isinstance(value.func, ast.Name) and value.func.id == "print"
    return is_print or isinstance(value, ast.Constant)


def _is_script_block(statement: ast.stmt) -> bool:
    return (
        isinstance(statement, ast.If)
        and isinstance(statement.test, ast.Compare)
        and isinstance(statement.test.left, ast.Name)
        and statement.test.left.id == "__name__"
    )


class CallNormalizer(Transformer):
    """Writes a known layer's arguments by name, in order and without defaults, and sorts all other keywords."""

    def visit_Call(self, node: ast.Call) -> ast.AST:
        """Normalise one call; whether a layer works in place changes nothing."""
        self.generic_visit(node)
        bound = bound_arguments(node)
        module, _, name = (dotted_name(node.func) or "").rpartition(".")
        if bound is None or module != "torch.nn":
            in_order = [keyword for keyword in node.keywords if keyword.arg != "inplace"]
            node.keywords = _sorted_runs(in_order)
            return node
        node.args = []
        node.keywords = [
            ast.keyword(argument, value)
            for argument, default in SIGNATURES[name].items()
            if argument in bound
            and argument != "inplace"
            and not is_default(value := _scalar(bound[argument]), default)
        ]
        return node


def _sorted_runs(keywords: Sequence[ast.keyword]) -> list[ast.keyword]:
    """Sort keywords by name; what `**mapping` comes after stays before it."""
    runs: list[list[ast.keyword]] = [[]]
    for keyword in keywords:
        if keyword.arg is None:
            runs += [[keyword], []]
        else:
            runs[-1].append(keyword)
    return [keyword for run in runs for keyword in sorted(run, key=lambda keyword: keyword.arg or "")]


def _scalar(value: ast.expr) -> ast.expr:
    """`(3, 3)` is 3 to a layer over images."""
    if isinstance(value, ast.Tuple) and value.elts and len({ast.dump(element) for element in value.elts}) == 1:
        return value.elts[0]
    return value


def is_default(value: ast.expr, default: object) -> bool:
    """Return whether the expression is a literal equal to `default`; `...` stands for none."""
    if default is ...:
        return False
    try:
        literal = value.value if isinstance(value, ast.Constant) else ast.literal_eval(value)
        return repr(literal) == repr(default)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return False
