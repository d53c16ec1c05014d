"""Which names a piece of a program binds, and in which scope: Python's rules, on a syntax tree."""

# ruff: noqa: N802, N815 (visitors are named after the nodes they visit)

import ast
from dataclasses import dataclass, field
from enum import StrEnum

from archwright.programs.walking import Visitor, walk

Function = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
Comprehension = ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp


class Kind(StrEnum):
    """The kinds of scope; a comprehension is a function."""

    MODULE = "module"
    CLASS = "class"
    FUNCTION = "function"


@dataclass
class Scope:
    """The names bound in one scope."""

    kind: Kind
    parent: "Scope | None"
    bound: set[str] = field(default_factory=set)
    parameters: list[str] = field(default_factory=list)
    imports: dict[str, str] = field(default_factory=dict)
    """Names bound by imports alone -> the full dotted path of what they stand for."""
    elsewhere: dict[str, Kind] = field(default_factory=dict)
    """Names declared `global` or `nonlocal`."""
    names: dict[str, str] = field(default_factory=dict)
    """Bound name -> canonical name, filled by whoever renames."""

    @property
    def depth(self) -> int:
        """Number of functions around this scope."""
        return 0 if self.parent is None else self.parent.depth + (self.parent.kind is Kind.FUNCTION)

    def find(self, name: str) -> "Scope | None":
        """Return the scope that binds `name` as seen from here; None for builtins and undefined names."""
        scope: Scope | None = self
        if name in self.elsewhere:
            while scope is not None and scope.kind is not self.elsewhere[name]:
                scope = scope.parent
        while scope is not None:
            is_visible = scope is self or scope.kind is not Kind.CLASS
            if is_visible and name in scope.bound and name not in scope.elsewhere:
                return scope
            scope = scope.parent
        return None


def module_scope(tree: ast.Module) -> Scope:
    """Return the scope of a whole program."""
    return _filled(Scope(Kind.MODULE, None), tree.body)


def class_scope(node: ast.ClassDef, parent: Scope) -> Scope:
    """Return the scope of a class body; its names are attributes."""
    return _filled(Scope(Kind.CLASS, parent), node.body)


def function_scope(node: Function, parent: Scope) -> Scope:
    """Return the scope of a function or lambda; its parameters come first."""
    scope = Scope(Kind.FUNCTION, parent)
    scope.parameters = parameter_names(node.args)
    scope.bound |= set(scope.parameters)
    return _filled(scope, [node.body] if isinstance(node, ast.Lambda) else node.body)


def comprehension_scope(node: Comprehension, parent: Scope) -> Scope:
    """Return the scope of a comprehension: the targets of its loops."""
    scope = Scope(Kind.FUNCTION, parent)
    for generator in node.generators:
        for name in walk(generator.target):
            if isinstance(name, ast.Name):
                scope.bound.add(name.id)
    return scope


def parameter_names(arguments: ast.arguments) -> list[str]:
    """Return the parameters in order, `*args` and `**kwargs` included."""
    ordered = [*arguments.posonlyargs, *arguments.args, arguments.vararg, *arguments.kwonlyargs, arguments.kwarg]
    return [argument.arg for argument in ordered if argument is not None]


def _filled(scope: Scope, body: list[ast.stmt] | list[ast.expr]) -> Scope:
    collector = _Collector(scope)
    for node in body:
        collector.visit(node)
    scope.bound |= set(scope.imports)
    for name in collector.stored & set(scope.imports):
        del scope.imports[name]  # Bound in another way, too: no longer just another word for a module.
    return scope


class _Collector(Visitor):
    """Collects what one scope binds without entering the scopes inside it."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope
        self.stored: set[str] = set()

    def _bind(self, name: str | None) -> None:
        if name is not None:
            self._scope.bound.add(name)
            self.stored.add(name)

    def visit_Name(self, node: ast.Name) -> None:
        if not isinstance(node.ctx, ast.Load):
            self._bind(node.id)

    def visit_FunctionDef(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        self._bind(node.name)
        for outside in (*node.decorator_list, *node.args.defaults, *filter(None, node.args.kw_defaults)):
            self.visit(outside)

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> None:
        self.visit_FunctionDef(node)

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        self._bind(node.name)
        for outside in (*node.decorator_list, *node.bases, *node.keywords):
            self.visit(outside)

    def visit_Lambda(self, node: ast.Lambda) -> None:
        for outside in (*node.args.defaults, *filter(None, node.args.kw_defaults)):
            self.visit(outside)

    def _visit_comprehension(self, node: Comprehension) -> None:
        inner = {id(name) for generator in node.generators for name in walk(generator.target)}
        for child in walk(node):
            if isinstance(child, ast.NamedExpr) and id(child) not in inner:
                self._bind(child.target.id)
        self.visit(node.generators[0].iter)

    visit_ListComp = visit_SetComp = visit_DictComp = visit_GeneratorExp = _visit_comprehension

    def visit_Import(self, node: ast.Import) -> None:
        for alias in node.names:
            root = alias.name.partition(".")[0]
            self._import(alias.asname or root, alias.name if alias.asname else root)

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        for alias in node.names:
            if alias.name != "*":
                module = "." * node.level + (node.module or "")
                self._import(alias.asname or alias.name, f"{module}.{alias.name}")

    def _import(self, name: str, path: str) -> None:
        if self._scope.imports.setdefault(name, path) != path:
            self._bind(name)

    def visit_ExceptHandler(self, node: ast.ExceptHandler) -> None:
        self._bind(node.name)
        self.generic_visit(node)

    def visit_MatchAs(self, node: ast.MatchAs) -> None:
        self._bind(node.name)
        self.generic_visit(node)

    def visit_MatchStar(self, node: ast.MatchStar) -> None:
        self._bind(node.name)

    def visit_MatchMapping(self, node: ast.MatchMapping) -> None:
        self._bind(node.rest)
        self.generic_visit(node)

    def visit_Global(self, node: ast.Global) -> None:
        self._scope.elsewhere |= dict.fromkeys(node.names, Kind.MODULE)

    def visit_Nonlocal(self, node: ast.Nonlocal) -> None:
        self._scope.elsewhere |= dict.fromkeys(node.names, Kind.FUNCTION)
