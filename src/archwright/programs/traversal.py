"""A walk over a syntax tree that knows, at every name, the scope it stands in."""

# ruff: noqa: N802, N815 (visitors are named after the nodes they visit)

import ast
from collections.abc import Iterable
from typing import Any, TypeVar

from archwright.programs.scopes import Scope, class_scope, comprehension_scope, function_scope, module_scope
from archwright.programs.walking import Transformer

_Node = TypeVar("_Node", bound=ast.AST)


class ScopedTransformer(Transformer):
    """Visits everything in source order with `self.scope` set; every identifier that is bound or used goes to `rename`.

    Attributes, keywords of calls and module paths are not such identifiers.
    """

    visits_annotations = False
    """Whether the annotations of functions are visited, which are evaluated where the function is defined."""

    def __init__(self, tree: ast.Module) -> None:
        self.scope: Scope = module_scope(tree)
        self._outermost = self.scope
        self.classes: list[ast.ClassDef] = []
        """The classes around the current node, outermost first."""

    def rename(self, name: str) -> str:
        """Return what to call `name` as seen from the current scope; the same name, unless overridden."""
        return name

    def visit_Name(self, node: ast.Name) -> ast.expr:
        """Rename a variable."""
        outer, self.scope = self.scope, self.scope_of(node)
        node.id = self.rename(node.id)
        self.scope = outer
        return node

    def scope_of(self, node: ast.Name) -> Scope:
        """Return the scope from which a variable is looked up: a class body reads the module's until it has its own."""
        return self._outermost if node in self.scope.read_early else self.scope

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.AST:
        """Visit decorators and bases outside, the body inside."""
        inner = class_scope(node, self.scope)
        node.decorator_list = self.visit_all(node.decorator_list)
        node.name = self.rename(node.name)
        node.bases = self.visit_all(node.bases)
        node.keywords = self.visit_all(node.keywords)
        outer, self.scope = self.scope, inner
        self.classes.append(node)
        node.body = self.visit_all(node.body)
        self.classes.pop()
        self.scope = outer
        return node

    def visit_all(self, nodes: Iterable[_Node]) -> list[_Node]:
        """Visit every node of a list; a visit may return None to drop the node."""
        handlers = self._handlers
        return [visited for node in nodes if (visited := handlers[node.__class__](self, node)) is not None]

    def _bound(self, node: Any) -> Any:
        """Rename what an exception or a pattern is bound to."""
        node.name = node.name and self.rename(node.name)
        return self.generic_visit(node)

    def visit_MatchMapping(self, node: ast.MatchMapping) -> Any:
        """Rename what the rest is bound to."""
        node.rest = node.rest and self.rename(node.rest)
        return self.generic_visit(node)

    def _declared(self, node: Any) -> Any:
        node.names = [self.rename(name) for name in node.names]
        return node

    def _function(self, node: Any) -> Any:
        """Visit decorators and defaults outside, parameters and body inside."""
        inner = function_scope(node, self.scope)
        if not isinstance(node, ast.Lambda):
            if self.visits_annotations:
                self._visit_annotations(node)
            node.decorator_list = self.visit_all(node.decorator_list)
            node.name = self.rename(node.name)
        node.args.defaults = self.visit_all(node.args.defaults)
        node.args.kw_defaults = [default and self.visit(default) for default in node.args.kw_defaults]
        outer, self.scope = self.scope, inner
        arguments = node.args
        for argument in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs):
            argument.arg = self.rename(argument.arg)
        for rest in (arguments.vararg, arguments.kwarg):
            if rest is not None:
                rest.arg = self.rename(rest.arg)
        if isinstance(node, ast.Lambda):
            node.body = self.visit(node.body)
        else:
            node.body = self.visit_all(node.body)
        self.scope = outer
        return node

    def _visit_annotations(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        node.returns = node.returns and self.visit(node.returns)
        for inner in ast.iter_child_nodes(node.args):
            if isinstance(inner, ast.arg):
                inner.annotation = inner.annotation and self.visit(inner.annotation)

    def _comprehension(self, node: Any) -> Any:
        """Visit the loops, then the element."""
        node.generators[0].iter = self.visit(node.generators[0].iter)
        outer, self.scope = self.scope, comprehension_scope(node, self.scope)
        for number, generator in enumerate(node.generators):
            if number:
                generator.iter = self.visit(generator.iter)
            generator.target = self.visit(generator.target)
            generator.ifs = self.visit_all(generator.ifs)
        if isinstance(node, ast.DictComp):
            node.key, node.value = self.visit(node.key), self.visit(node.value)
        else:
            node.elt = self.visit(node.elt)
        self.scope = outer
        return node

    visit_FunctionDef = visit_AsyncFunctionDef = visit_Lambda = _function
    visit_ListComp = visit_SetComp = visit_DictComp = visit_GeneratorExp = _comprehension
    visit_ExceptHandler = visit_MatchAs = visit_MatchStar = _bound
    visit_Global = visit_Nonlocal = _declared
