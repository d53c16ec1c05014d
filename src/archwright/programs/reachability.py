"""What of a program the contract can reach: the rest is dropped, what stays comes in the order of its first use."""

# ruff: noqa: N802 (visitors are named after the nodes they visit)

import ast
from collections.abc import Container, Iterable, Iterator, Mapping
from itertools import islice
from typing import Any

from archwright.contracts.form import HYPERPARAMETERS, NET
from archwright.programs.lookups import is_handed_over, looks_names_up
from archwright.programs.traversal import ScopedTransformer
from archwright.programs.walking import walk

_Function = ast.FunctionDef | ast.AsyncFunctionDef

ROOTS = (NET, HYPERPARAMETERS)
"""What the contract looks for at module level."""

_MODULE_API_WORDS = """
forward train_setup learn training add_module apply bfloat16 buffers children compile cpu cuda double eval
extra_repr float get_buffer get_parameter get_submodule half load_state_dict modules named_buffers
named_children named_modules named_parameters parameters register_buffer register_forward_hook
register_forward_pre_hook register_full_backward_hook register_module register_parameter requires_grad_
reset_parameters state_dict to train type zero_grad
"""

MODULE_API = frozenset(_MODULE_API_WORDS.split())
"""Attributes that `nn.Module` and the contract give a meaning: always reachable, never renamed."""


_CALLING_NOTHING_WORDS = "Module Sequential ModuleList ModuleDict ABC Generic NamedTuple Protocol object"
_CALLING_NOTHING = frozenset(_CALLING_NOTHING_WORDS.split())
"""Bases that call no method of a class by a name of their own, but for `MODULE_API`."""


def is_outside_name(attribute: str) -> bool:
    """Return whether an attribute means something to torch, Python or the contract wherever it occurs."""
    return attribute in MODULE_API or (attribute.startswith("__") and attribute.endswith("__"))


def only_reachable(tree: ast.Module) -> ast.Module:
    """Return `tree` without what `Net` never refers to, definitions in the order of their first use.

    Statements that are no definition keep their place at the start. Imports, constants, functions, classes and methods
    go when nothing refers to them or when a later definition takes their place; without a `Net`, only methods, imports
    and what is replaced can go. What may be used without being named stays: a definition with an unknown decorator, the
    methods of a class that torch calls (`autograd.Function`, an optimizer), and everything where a name is computed.
    """
    tree.body = _without_replaced(tree.body)
    definitions: dict[str, list[ast.stmt]] = {}
    always: list[ast.stmt] = []
    for statement in tree.body:
        name = defined_name(statement)
        if name is None:
            always.append(statement)
        else:
            definitions.setdefault(name, []).append(statement)
    is_open = looks_names_up(walk(tree))
    named = _Named(tree, is_open=is_open)
    unnamed = [name for name, found in definitions.items() if is_open or any(map(is_handed_over, found))]
    order = _order_of_use(definitions, always, _References(tree, definitions, named), unnamed)
    body = always + [statement for name in order for statement in definitions.get(name, [])]
    for statement in body:
        if isinstance(statement, ast.ClassDef):
            statement.body = _ordered_body(statement, named)
    return ast.Module(body, [])


def _order_of_use(
    definitions: Mapping[str, list[ast.stmt]],
    always: list[ast.stmt],
    references: "_References",
    unnamed: Iterable[str],
) -> list[str]:
    """Return the names of the definitions that are reached, in the order of their first use, `unnamed` ones last."""
    if NET not in definitions:
        return list(definitions)
    order = [name for name in ROOTS if name in definitions]
    order += [name for name in references.of(always) if name not in order]
    begin = 0
    for root in (*unnamed, None):
        for name in islice(order, begin, None):  # It grows on the way.
            if len(order) == len(definitions):
                return order
            order += [other for other in references.of(definitions[name]) if other not in order]
        begin = len(order)
        if root is not None and root not in order:
            order.append(root)
    return order


def defined_name(statement: ast.stmt) -> str | None:
    """Return the one name that a module-level definition or constant binds; None for anything else."""
    if isinstance(statement, _Function | ast.ClassDef):
        return statement.name
    if isinstance(statement, ast.Assign) and len(statement.targets) == 1 and isinstance(statement.targets[0], ast.Name):
        return statement.targets[0].id
    return None


def _without_replaced(body: list[ast.stmt]) -> list[ast.stmt]:
    """Return `body` without functions and classes that are defined again before anything could use them."""
    names = [statement.name for statement in body if isinstance(statement, _Function | ast.ClassDef)]
    if len(set(names)) == len(names):
        return body
    kept: list[ast.stmt] = []
    replaced: set[str] = set()  # Defined further down, and not used between here and there.
    for statement in reversed(body):
        is_definition = isinstance(statement, _Function | ast.ClassDef)
        name = defined_name(statement)
        if is_definition and name in replaced and not is_handed_over(statement):
            continue
        kept.append(statement)
        nodes = list(_run_at_definition(statement))
        if is_definition and name is not None:
            replaced.add(name)
        replaced -= {node.id for node in nodes if isinstance(node, ast.Name)}
        if is_handed_over(statement) or any(isinstance(node, ast.Call) for node in nodes):
            replaced.clear()  # What is called here may use any of them.
    return kept[::-1]


def _run_at_definition(statement: ast.stmt) -> Iterator[ast.AST]:
    """Yield what runs as soon as the statement does: all but the bodies of functions."""
    waiting: list[ast.AST] = [statement]
    while waiting:
        node = waiting.pop()
        yield node
        inner = [*node.decorator_list, node.args] if isinstance(node, _Function) else ast.iter_child_nodes(node)
        waiting += inner


class _Named:
    """What a program names, and so may call."""

    def __init__(self, tree: ast.Module, *, is_open: bool) -> None:
        self._is_open = is_open
        self._attributes = frozenset(_named_attributes(tree))
        self._called_by_bases = set(_called_by_bases(tree))

    def is_live(self, method: _Function, owner: ast.ClassDef) -> bool:
        """Return whether a method can be called: by torch, by Python, or because something names it."""
        is_named = self._is_open or is_outside_name(method.name) or method.name in self._attributes
        return is_named or owner in self._called_by_bases


def _called_by_bases(tree: ast.Module) -> Iterator[ast.ClassDef]:
    """Yield the classes that derive from what is defined elsewhere and calls their methods."""
    calling_nothing = set(_CALLING_NOTHING)
    classes = [node for node in walk(tree) if isinstance(node, ast.ClassDef)]
    for node in sorted(classes, key=lambda node: getattr(node, "lineno", 0)):
        bases = [base.value if isinstance(base, ast.Subscript) else base for base in node.bases]
        if {ast.unparse(base).rpartition(".")[2] for base in bases} <= calling_nothing:
            calling_nothing.add(node.name)
        else:
            yield node


def _named_attributes(tree: ast.Module) -> set[str]:
    """Return every attribute that the program names, as `x.name` or as a string that could be one."""
    named: set[str] = set()
    for node in walk(tree):
        if isinstance(node, ast.Attribute):
            named.add(node.attr)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            named.add(node.value)
    return named


def _ordered_body(node: ast.ClassDef, named: _Named) -> list[ast.stmt]:
    """Return the class's statements, then its live methods: `__init__`, `forward`, the others by order of use."""
    body = _without_replaced(node.body)
    others = [child for child in body if not isinstance(child, _Function)]
    methods = [child for child in body if isinstance(child, _Function)]
    live = [method for method in methods if named.is_live(method, node)]
    waiting = {method.name: method for method in live}
    order: list[str] = [name for name in ("__init__", "forward") if name in waiting]
    order += sorted(name for name in waiting if is_outside_name(name) and name not in order)
    for name in order:
        if len(order) == len(waiting):
            break
        for child in _attributes_of(waiting[name]):
            if child in waiting and child not in order:
                order.append(child)
    order += [name for name in waiting if name not in order]
    return [*others, *(method for name in order for method in live if method.name == name)] or [ast.Pass()]


def _attributes_of(node: ast.AST) -> list[str]:
    """Return the attributes named under `node` in source order."""
    found = [child for child in walk(node) if isinstance(child, ast.Attribute)]
    found.sort(key=lambda child: (child.end_lineno or 0, child.end_col_offset or 0))
    return [child.attr for child in found]


class _References(ScopedTransformer):
    """Collects the definitions that the visited code refers to; nothing is changed."""

    def __init__(self, tree: ast.Module, definitions: Container[str], named: _Named) -> None:
        super().__init__(tree)
        self._module = self.scope
        self._definitions = definitions
        self._named = named
        self._found: dict[str, None] = {}

    def of(self, statements: Iterable[ast.stmt]) -> list[str]:
        """Return the names of the definitions that `statements` refer to, in the order of their first use."""
        self._found = {}
        self.visit_all(statements)
        return list(self._found)

    def rename(self, name: str) -> str:
        if name in self._definitions and name not in self._found and self.scope.find(name) is self._module:
            self._found[name] = None
        return name

    def visit_FunctionDef(self, node: ast.FunctionDef) -> Any:
        owner = self.classes[-1] if self.classes and node in self.classes[-1].body else None
        return super().visit_FunctionDef(node) if owner is None or self._named.is_live(node, owner) else node
