"""Does a network do the same at every step? Only then one recorded step stands for all of them (`graphs`)."""

import ast

from archwright.syntax import syntax_tree

_STATE_CALLS = frozenset({"next", "setattr", "delattr", "globals", "vars"})
_MUTATORS = frozenset(
    {"add", "append", "clear", "discard", "extend", "insert", "pop", "popitem", "popleft", "remove", "setdefault"}
    | {"update", "eval", "train", "requires_grad_"}
)
_CLOCKS = frozenset({"time", "datetime", "perf_counter", "monotonic"})


def is_repeatable(source: str) -> bool:
    """Return whether no function of `source` but `__init__` keeps state of its own between calls, as its text shows.

    Doubt counts as no. What the text cannot show (random numbers of Python or NumPy, a choice that depends on values)
    is found when the step runs. `source` must parse.
    """
    functions = [
        node
        for node in ast.walk(syntax_tree(source))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name != "__init__"
    ]
    return not any(_keeps_state(function) for function in functions)


def _keeps_state(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    defaults = [*function.args.defaults, *function.args.kw_defaults]
    if any(isinstance(default, ast.List | ast.Dict | ast.Set | ast.Call) for default in defaults):
        return True
    nodes = list(ast.walk(function))
    own = {node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    return any(_is_stateful(node, own) for node in nodes)


def _is_stateful(node: ast.AST, own: set[str]) -> bool:
    if isinstance(node, ast.Global | ast.Nonlocal):
        return True
    if isinstance(node, ast.Attribute | ast.Subscript) and not isinstance(node.ctx, ast.Load):
        return isinstance(node, ast.Attribute) or _root(node) not in own
    if isinstance(node, ast.Name):
        return node.id in _CLOCKS
    if not isinstance(node, ast.Call):
        return False
    called = node.func
    if isinstance(called, ast.Name):
        return called.id in _STATE_CALLS
    return isinstance(called, ast.Attribute) and called.attr in _MUTATORS and _root(called) not in own


def _root(node: ast.expr) -> str | None:
    """Return the name an expression such as `self.cache[0].append` begins with."""
    while isinstance(node, ast.Attribute | ast.Subscript):
        node = node.value
    return node.id if isinstance(node, ast.Name) else None
