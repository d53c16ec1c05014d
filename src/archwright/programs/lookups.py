"""What a program may reach by a name that stands nowhere in it."""

import ast
from collections.abc import Iterable

from archwright.syntax import imported

BY_NAME = frozenset({"getattr", "hasattr", "setattr", "delattr"})
_ANY_NAME_WORDS = """
attrgetter methodcaller get_buffer get_parameter get_submodule
__dict__ __getattr__ __getattribute__ __setattr__ __subclasses__ __init_subclass__
"""
_ANY_NAME = frozenset(_ANY_NAME_WORDS.split())
_BUILT_IN = frozenset({"vars", "dir", "locals", "globals", "eval", "exec"})
"""Only as names: `net.eval()` is something else."""
_PLAIN_DECORATOR_WORDS = """
abstractmethod cache cached_property classmethod contextmanager dataclass final lru_cache overload override property
staticmethod total_ordering wraps
"""
_PLAIN_DECORATORS = frozenset(_PLAIN_DECORATOR_WORDS.split())
"""They keep what they are given to themselves, and so do torch's. What others do, `register("block")`, is not known."""


def looks_names_up(nodes: Iterable[ast.AST]) -> bool:
    """Return whether something of the program may be read by a name that stands nowhere in it."""
    modules: set[str] = set()
    computed: list[ast.Call] = []
    for node in nodes:
        is_built_in = isinstance(node, ast.Name) and node.id in _BUILT_IN
        if is_built_in or word_of(node) in _ANY_NAME or (isinstance(node, ast.ClassDef) and node.keywords):
            return True
        modules |= {name for name, _ in imported(node)}
        if isinstance(node, ast.Call) and word_of(node.func) in BY_NAME:
            name = node.args[1] if len(node.args) > 1 else None
            if not (isinstance(name, ast.Constant) and isinstance(name.value, str)):
                computed.append(node)
    return any(not call.args or _root(call.args[0]) not in modules for call in computed)


def is_handed_over(node: ast.AST) -> bool:
    """Return whether a decorator of a definition may keep it, so that it is used without being named."""
    decorators = getattr(node, "decorator_list", ())
    functions = [each.func if isinstance(each, ast.Call) else each for each in decorators]
    return any(word_of(each) not in _PLAIN_DECORATORS and _root(each) != "torch" for each in functions)


def word_of(node: ast.AST) -> str | None:
    """Return the identifier of a name, an attribute or a function."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.name if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) else None


def _root(node: ast.expr) -> str | None:
    """Return `torch` of `torch.nn`."""
    while isinstance(node, ast.Attribute):
        node = node.value
    return node.id if isinstance(node, ast.Name) else None
