"""Walks over syntax trees, several times faster than those of `ast`.

They know which fields can hold a statement, an expression or a pattern, and never come to the others: contexts
(`ast.Load`), operators, names and literals. A transformer's method for a kind of node is looked up once for each class.
"""

import ast
from collections.abc import Callable
from typing import Any, ClassVar

_LEAVES = frozenset(
    (
        *("arg", "asname", "attr", "conversion", "ctx", "id", "is_async", "kind", "kwd_attrs", "level"),
        *("module", "op", "ops", "rest", "simple", "type_comment", "type_ignores"),
    )
)
"""Fields that hold no node, or one that says nothing about names and calls."""
_WITHOUT_CHILDREN = (ast.Constant, ast.Global, ast.MatchSingleton, ast.Nonlocal)


class Fields(dict[type[ast.AST], tuple[str, ...]]):
    """Kind of node -> its fields to go into: those given, and for other kinds all that can hold nodes."""

    def __missing__(self, kind: type[ast.AST]) -> tuple[str, ...]:
        is_leaf = issubclass(kind, _WITHOUT_CHILDREN)
        self[kind] = fields = () if is_leaf else tuple(name for name in kind._fields if name not in _LEAVES)
        return fields


_ALL = Fields()


def walk(*roots: ast.AST, fields: Fields = _ALL) -> list[ast.AST]:
    """Return `roots` and every node below them, level by level, as `ast.walk` does; without contexts and operators."""
    nodes = list(roots)
    for node in nodes:
        for name in fields[node.__class__]:
            value = getattr(node, name, None)
            if value.__class__ is list:
                nodes += [child for child in value if child is not None] if None in value else value
            elif isinstance(value, ast.AST):
                nodes.append(value)
    return nodes


def names_in(node: ast.AST) -> set[str]:
    """Return every name under `node`."""
    return {each.id for each in walk(node) if isinstance(each, ast.Name)}


_Handler = Callable[[Any, Any], Any]


class _Handlers(dict[type[ast.AST], _Handler]):
    """Kind of node -> the method of a transformer's class that gets it."""

    def __init__(self, transformer: type["Transformer"]) -> None:
        super().__init__()
        self._transformer = transformer

    def __missing__(self, kind: type[ast.AST]) -> _Handler:
        handler: _Handler = getattr(self._transformer, f"visit_{kind.__name__}", self._transformer.generic_visit)
        self[kind] = handler
        return handler


class Transformer:
    """What `ast.NodeTransformer` is: `visit_Call` gets every call, `generic_visit` what has no method of its own.

    A method returns what stands in the node's place, None to drop a statement; nothing is replaced by several nodes.
    """

    _handlers: ClassVar[_Handlers]

    def __init_subclass__(cls) -> None:
        cls._handlers = _Handlers(cls)

    def visit(self, node: ast.AST) -> Any:
        """Return what the method for this kind of node returns."""
        return self._handlers[node.__class__](self, node)

    def generic_visit(self, node: ast.AST) -> Any:
        """Visit all children of `node` in source order; returns `node`."""
        handlers = self._handlers  # Not through `visit`: half the calls, and half the depth.
        for name in _ALL[node.__class__]:
            value = getattr(node, name, None)
            if value.__class__ is list:
                visited = [child and handlers[child.__class__](self, child) for child in value]
                if None in visited:
                    visited = [new for new, old in zip(visited, value, strict=True) if new or not old]
                value[:] = visited
            elif isinstance(value, ast.AST):
                visited_node = handlers[value.__class__](self, value)
                if visited_node is not value:
                    setattr(node, name, visited_node)
        return node
