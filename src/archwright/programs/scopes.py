"""Which names a piece of a program binds, and in which scope: Python's rules, on a syntax tree."""

import ast
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import Any, ClassVar

from archwright.programs.walking import Fields, walk
from archwright.syntax import imported

Function = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
Comprehension = ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp


class ScopeKind(StrEnum):
    """The kinds of scope; a comprehension is a function."""

    MODULE = "module"
    CLASS = "class"
    FUNCTION = "function"


@dataclass(eq=False)
class Scope:
    """The names bound in one scope.

    Its body is read when a name is first looked up: who renames must look every name up before changing it.
    """

    kind: ScopeKind
    parent: "Scope | None"
    body: Sequence[ast.AST] = ()
    parameters: list[str] = field(default_factory=list)
    targets: set[str] = field(default_factory=set)
    """Bound by the loops of a comprehension."""
    names: dict[str, str] = field(default_factory=dict)
    """Bound name -> canonical name, filled by whoever renames."""
    read_early: frozenset[ast.AST] = frozenset()
    """Of a class: where its body reads a name that it binds only afterwards, which is then that of the module."""
    _found: "dict[str, Scope | None]" = field(default_factory=dict)

    @cached_property
    def _bindings(self) -> "_Bindings":
        return _Bindings({*self.parameters, *self.targets}, self.body)

    @property
    def imports(self) -> dict[str, str]:
        """Names bound by imports alone -> the full dotted path of what they stand for."""
        return self._bindings.imports

    @cached_property
    def depth(self) -> int:
        """Number of functions around this scope."""
        return 0 if self.parent is None else self.parent.depth + (self.parent.kind is ScopeKind.FUNCTION)

    def find(self, name: str) -> "Scope | None":
        """Return the scope that binds `name` as seen from here; None for builtins and undefined names."""
        if name not in self._found:
            self._found[name] = self._search(name)
        return self._found[name]

    def _search(self, name: str) -> "Scope | None":
        scope: Scope | None = self
        kind = self._bindings.elsewhere.get(name)
        while kind and scope is not None and scope.kind is not kind:
            scope = scope.parent
        while scope is not None:
            is_visible = scope is self or scope.kind is not ScopeKind.CLASS
            bindings = scope._bindings
            if is_visible and name in bindings.bound and name not in bindings.elsewhere:
                return scope
            scope = scope.parent
        return None


def module_scope(tree: ast.Module) -> Scope:
    """Return the scope of a whole program."""
    return Scope(ScopeKind.MODULE, None, tree.body)


def class_scope(node: ast.ClassDef, parent: Scope) -> Scope:
    """Return the scope of a class body; its names are attributes."""
    return Scope(ScopeKind.CLASS, parent, node.body, read_early=_read_early(node.body))


def function_scope(node: Function, parent: Scope) -> Scope:
    """Return the scope of a function or lambda; its parameters come first."""
    body = [node.body] if isinstance(node, ast.Lambda) else node.body
    return Scope(ScopeKind.FUNCTION, parent, body, parameter_names(node.args))


def comprehension_scope(node: Comprehension, parent: Scope) -> Scope:
    """Return the scope of a comprehension: the targets of its loops."""
    targets = walk(*(generator.target for generator in node.generators))
    return Scope(ScopeKind.FUNCTION, parent, targets={name.id for name in targets if isinstance(name, ast.Name)})


def parameter_names(arguments: ast.arguments) -> list[str]:
    """Return the parameters in order, `*args` and `**kwargs` included."""
    ordered = [*arguments.posonlyargs, *arguments.args, arguments.vararg, *arguments.kwonlyargs, arguments.kwarg]
    return [argument.arg for argument in ordered if argument is not None]


class _Bindings:
    """What one scope binds: `known`, and what its body does outside the scopes inside it."""

    def __init__(self, known: set[str], body: Sequence[ast.AST]) -> None:
        self.imports: dict[str, str] = {}
        self.elsewhere: dict[str, ScopeKind] = {}
        """Names declared `global` or `nonlocal`."""
        self._stored: set[str] = set()
        self._read(body)
        self.bound = known | self._stored | self.imports.keys()
        for name in self._stored & self.imports.keys():
            del self.imports[name]  # Bound in another way, too: no longer just another word for a module.

    def _read(self, body: Iterable[ast.AST]) -> None:
        for node in walk(*body, fields=_OUTSIDE):
            if isinstance(node, ast.Name):
                if not isinstance(node.ctx, ast.Load):
                    self._stored.add(node.id)
            elif node.__class__ in self._READERS:
                self._READERS[node.__class__](self, node)

    def _store(self, name: str | None) -> None:
        if name is not None:
            self._stored.add(name)

    def _named(self, node: ast.FunctionDef | ast.ClassDef | ast.ExceptHandler | ast.MatchAs | ast.MatchStar) -> None:
        self._store(node.name)

    def _mapping(self, node: ast.MatchMapping) -> None:
        self._store(node.rest)

    def _comprehension(self, node: Comprehension) -> None:
        targets = set(walk(*(generator.target for generator in node.generators)))
        for child in walk(node):
            if isinstance(child, ast.NamedExpr) and child not in targets:
                self._store(child.target.id)
        self._read([node.generators[0].iter])

    def _import(self, node: ast.Import | ast.ImportFrom) -> None:
        for name, path in imported(node):
            if name != "*" and self.imports.setdefault(name, path) != path:
                self._store(name)

    def _global(self, node: ast.Global) -> None:
        self.elsewhere |= dict.fromkeys(node.names, ScopeKind.MODULE)

    def _nonlocal(self, node: ast.Nonlocal) -> None:
        self.elsewhere |= dict.fromkeys(node.names, ScopeKind.FUNCTION)

    _READERS: ClassVar[dict[type[ast.AST], Callable[[Any, Any], None]]] = {
        ast.FunctionDef: _named,
        ast.AsyncFunctionDef: _named,
        ast.ClassDef: _named,
        ast.ExceptHandler: _named,
        ast.MatchAs: _named,
        ast.MatchStar: _named,
        ast.MatchMapping: _mapping,
        ast.ListComp: _comprehension,
        ast.SetComp: _comprehension,
        ast.DictComp: _comprehension,
        ast.GeneratorExp: _comprehension,
        ast.Import: _import,
        ast.ImportFrom: _import,
        ast.Global: _global,
        ast.Nonlocal: _nonlocal,
    }


def _read_early(body: Sequence[ast.stmt]) -> frozenset[ast.AST]:
    """Return the names that a class body reads in statements before they are bound there, or on their right side."""
    early, waiting = set[ast.AST](), dict[str, list[ast.AST]]()
    is_bound = set[str]()
    for statement in body:
        inside = _evaluated(statement)
        reads = [node for node in inside if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)]
        is_simple = isinstance(statement, _BOUND_LAST) and not any(isinstance(node, ast.NamedExpr) for node in inside)
        is_bare = isinstance(statement, ast.AnnAssign) and statement.value is None
        bound = set() if is_bare else _Bindings(set(), [statement]).bound
        for node in reads:
            if node.id not in is_bound and (is_simple or node.id not in bound):
                waiting.setdefault(node.id, []).append(node)
        is_bound |= bound
        for name in bound & waiting.keys():
            early.update(waiting.pop(name))
    return frozenset(early)


def _evaluated(statement: ast.stmt) -> list[ast.AST]:
    """Return the nodes that are evaluated in the scope of a statement: of a comprehension, its first iterable."""
    nodes = walk(statement, fields=_OUTSIDE)
    for node in nodes:
        if isinstance(node, Comprehension):
            nodes += walk(node.generators[0].iter, fields=_OUTSIDE)
    return nodes


_BOUND_LAST = ast.Assign | ast.AnnAssign | ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
"""Statements that bind what they bind when all else in them is evaluated."""

_OUTSIDE = Fields(
    {
        ast.FunctionDef: ("decorator_list", "args"),
        ast.AsyncFunctionDef: ("decorator_list", "args"),
        ast.Lambda: ("args",),
        ast.arguments: ("defaults", "kw_defaults"),
        ast.ClassDef: ("decorator_list", "bases", "keywords"),
        ast.ListComp: (),
        ast.SetComp: (),
        ast.DictComp: (),
        ast.GeneratorExp: (),
    }
)
"""What of an inner scope is evaluated in the outer one; of a comprehension, `_Bindings` reads that."""
