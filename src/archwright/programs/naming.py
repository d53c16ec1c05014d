"""Canonical names: whatever a program calls its own things, they are called by what they are and when they come first.

Names that mean something outside the program stay: torch's, builtins, and those of the contract. Imported names are
written as the full path of what they stand for, so that aliases and unused imports disappear.
"""

# ruff: noqa: N802, N815 (visitors are named after the nodes they visit)

import ast
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from archwright.programs.layers import dotted_name
from archwright.programs.reachability import ROOTS, is_outside_name
from archwright.programs.scopes import Scope, ScopeKind, parameter_names
from archwright.programs.simplification import normalize_call
from archwright.programs.traversal import ScopedTransformer
from archwright.programs.walking import walk
from archwright.syntax import imported

_FOREIGN_ATTRIBUTES_WORDS = """
T abs act add add_ affine all any append argmax argsort backward bias chunk clamp clamp_ clone contiguous
copy_ cos data detach device dilation dim div div_ dtype eps exp expand expand_as extend fill_ flatten floor
functional gather get groups head imag in_channels in_features item items kernel_size keys log long
masked_fill matmul max mean min mul mul_ ndim nn norm normal_ num_features numel numpy out_channels
out_features output_size padding permute pool pop pow prod real relu repeat requires_grad reshape reshape_as
roll round rsqrt running_mean running_var shape sigmoid size softmax split sqrt square squeeze std step stride
sum t tanh topk transpose type_as unbind unfold uniform_ unsqueeze update utils values var view view_as weight
weights zero_
"""

FOREIGN_ATTRIBUTES = frozenset(_FOREIGN_ATTRIBUTES_WORDS.split())
"""Attributes that objects of others commonly have: on anything but `self` they are taken to be theirs."""

_Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
_OTHER = "a"
"""Kind of an attribute that is not simply the result of a call."""


@dataclass
class _Family:
    """A class with those it inherits from in the same program: one set of attribute names."""

    classes: list[ast.ClassDef]
    kinds: dict[str, str] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    counts: Counter[str] = field(default_factory=Counter)

    def name_of(self, attribute: str) -> str:
        """Return the canonical name of an attribute, numbered within its kind in the order of first use."""
        if is_outside_name(attribute) or attribute not in self.kinds:
            return attribute
        if attribute not in self.names:
            kind = self.kinds[attribute]
            self.names[attribute] = f"{kind}_{self.counts[kind]}"
            self.counts[kind] += 1
        return self.names[attribute]


def with_canonical_names(tree: ast.Module) -> ast.Module:
    """Return `tree` with canonical names, full import paths and normalised calls; `tree` itself is consumed.

    It is to be unparsed: `torch.nn.ReLU` and `self.m_0` are one `ast.Name` there, which is less to write out.
    """
    renamer = _Renamer(tree)
    body = renamer.visit_all(tree.body)
    imports: list[ast.stmt] = [ast.Import([ast.alias(root)]) for root in sorted(renamer.imported)]
    return ast.Module([*imports, *body], [])


class _Renamer(ScopedTransformer):
    def __init__(self, tree: ast.Module) -> None:
        super().__init__(tree)
        self._module = self.scope
        definitions = [node for node in walk(tree) if isinstance(node, _Definition)]
        families = _families(definitions, self._module.imports)
        self._owners = {attribute: family for family in reversed(families) for attribute in family.kinds}
        self._family_of = {node: family for family in families for node in family.classes}
        self._counts: Counter[str] = Counter()
        self._kinds = {node.name: "C" if isinstance(node, ast.ClassDef) else "f" for node in definitions}
        self._parameters = _parameters(definitions)
        self.imported: set[str] = set()

    # Names -------------------------------------------------------------------------------------------------------

    def rename(self, name: str) -> str:
        scope = self.scope.find(name)
        return name if scope is None else self._name_in(scope, name)

    def _name_in(self, scope: Scope, name: str) -> str:
        """Return the canonical name of what `scope` binds as `name`."""
        if scope.kind is ScopeKind.CLASS:
            return self._family_of[self.classes[-1]].name_of(name) if self.classes else name
        if name not in scope.names:
            scope.names[name] = self._new_name(name, scope)
        return scope.names[name]

    def _new_name(self, name: str, scope: Scope) -> str:
        if scope is self._module:
            if name in ROOTS:
                return name
            kind = self._kinds.get(name, "g")
            self._counts[kind] += 1
            return f"{kind}{self._counts[kind] - 1}"
        if name in scope.parameters:
            position = scope.parameters.index(name)
            is_self = position == 0 and scope.parent is not None and scope.parent.kind is ScopeKind.CLASS
            return "self" if is_self else parameter_name(position, scope.depth)
        number = sum(other not in scope.parameters for other in scope.names)
        return f"{'v' * (scope.depth + 1)}{number}"

    def visit_Name(self, node: ast.Name) -> ast.expr:
        scope = self.scope_of(node).find(node.id)
        if scope is None:
            return node
        path = scope.imports.get(node.id)
        if path is None:
            node.id = self._name_in(scope, node.id)
        else:
            self.imported.add(path.partition(".")[0])
            node.id = path
        return node

    def _without_resolved(self, node: ast.Import | ast.ImportFrom) -> ast.AST | None:
        """Drop what is written as a full path now; keep, under a canonical name, what is also bound otherwise."""
        kept = []
        for alias, (bound, _) in zip(node.names, imported(node), strict=True):
            scope = self.scope.find(bound)
            if alias.name == "*":
                kept.append(alias)
            elif scope is None or bound not in scope.imports:
                kept.append(ast.alias(alias.name, self.rename(bound)))
        node.names = kept
        return node if kept else None

    visit_Import = visit_ImportFrom = _without_resolved

    # Attributes --------------------------------------------------------------------------------------------------

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        family = self._family_of_self(node.value)
        if family is None or node.attr not in family.kinds:
            is_theirs = node.attr in FOREIGN_ATTRIBUTES or node.attr not in self._owners or self._is_foreign(node.value)
            family = None if is_theirs else self._owners[node.attr]
        if family is not None:
            node.attr = family.name_of(node.attr)
        node.value = self.visit(node.value)
        if isinstance(node.value, ast.Name):
            node.value.id += f".{node.attr}"
            return node.value
        return node

    def _family_of_self(self, value: ast.expr) -> _Family | None:
        """Return the class family whose instance `value` is: the first parameter of a method of it."""
        if isinstance(value, ast.Name) and self.classes:
            scope = self.scope_of(value).find(value.id)
            is_method = scope is not None and scope.parent is not None and scope.parent.kind is ScopeKind.CLASS
            if is_method and scope is not None and scope.parameters[:1] == [value.id]:
                return self._family_of.get(self.classes[-1])
        return None

    def _is_foreign(self, value: ast.expr) -> bool:
        """Return whether `value` is a module or something in a module."""
        while isinstance(value, ast.Attribute):
            value = value.value
        if not isinstance(value, ast.Name):
            return False
        scope = self.scope_of(value).find(value.id)
        return scope is not None and value.id in scope.imports

    # Keywords of calls -------------------------------------------------------------------------------------------

    def visit_Call(self, node: ast.Call) -> ast.AST:
        if node.keywords and not self._is_foreign(node.func):
            own = self._own_parameters(node.func)
            for keyword in node.keywords:
                if keyword.arg is not None:
                    keyword.arg = own.get(keyword.arg, keyword.arg)
        node.func = self.visit(node.func)
        node.args = self.visit_all(node.args)
        node.keywords = self.visit_all(node.keywords)
        normalize_call(node)
        return node

    def _own_parameters(self, function: ast.expr) -> dict[str, str]:
        """Return parameter -> canonical name of the program's function that is called.

        Of a callable that cannot be told (a class passed as an argument), those of all the program's functions.
        """
        if isinstance(function, ast.Name) and self.scope_of(function).find(function.id) is None:
            return {}
        name = function.id if isinstance(function, ast.Name) else getattr(function, "attr", None)
        if name in self._parameters:
            return self._parameters[name]
        everything: dict[str, str] = {}
        for parameters in self._parameters.values():
            everything = parameters | everything
        return everything


def parameter_name(position: int, depth: int) -> str:
    """Return the canonical name of the parameter at `position` of a function inside `depth` others."""
    return f"{'p' * (depth + 1)}{position}"


def _parameters(definitions: Sequence[_Definition]) -> dict[str, dict[str, str]]:
    """Return, for everything callable by a name, parameter -> canonical name; a class has those of its `__init__`."""
    found: dict[str, dict[str, str]] = {}
    for node in definitions:
        function: ast.stmt | None = node
        if isinstance(node, ast.ClassDef):
            function = next(
                (child for child in node.body if isinstance(child, ast.FunctionDef) and child.name == "__init__"), None
            )
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            names = parameter_names(function.args)
            mine = {name: parameter_name(position, 0) for position, name in enumerate(names)}
            found[node.name] = mine | found.get(node.name, {})
    return found


def _families(definitions: Sequence[_Definition], imports: dict[str, str]) -> list[_Family]:
    """Return the class families in source order, each with its attributes and their kinds."""
    by_name: dict[str, _Family] = {}
    families: list[_Family] = []
    for node in definitions:
        if not isinstance(node, ast.ClassDef):
            continue
        bases = [by_name[base.id] for base in node.bases if isinstance(base, ast.Name) and base.id in by_name]
        family = by_name.get(node.name) or (bases[0] if bases else _Family([]))
        for other in bases:
            if other is not family:
                family.classes += other.classes
                family.kinds = other.kinds | family.kinds
                families = [kept for kept in families if kept is not other]
                by_name = {name: family if kept is other else kept for name, kept in by_name.items()}
        family.classes.append(node)
        if family not in families:
            families.append(family)
        by_name[node.name] = family
        for attribute, kind in _attribute_kinds(node, imports).items():
            family.kinds.setdefault(attribute, kind)
    return families


def _attribute_kinds(node: ast.ClassDef, imports: dict[str, str]) -> dict[str, str]:
    """Return the attributes a class defines: methods, names in its body, and what its methods assign on `self`."""
    kinds: dict[str, str] = {}
    for child in node.body:
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
            kinds[child.name] = "m"
    for child in node.body:
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
            parameters = parameter_names(child.args)
            for attribute, value in _stored_attributes(child, parameters[0] if parameters else ""):
                kind = _kind_of(value, imports)
                if kinds.setdefault(attribute, kind) == _OTHER:
                    kinds[attribute] = kind
        else:
            for name in walk(child):
                if isinstance(name, ast.Name) and isinstance(name.ctx, ast.Store):
                    kinds.setdefault(name.id, _OTHER)
                elif isinstance(name, ast.ClassDef):
                    kinds.setdefault(name.name, _OTHER)
    return kinds


def _stored_attributes(method: ast.AST, owner: str) -> Iterator[tuple[str, ast.expr | None]]:
    """Yield the attributes that `method` stores on `owner`, with the value of those that are simply assigned."""
    for node in walk(method):
        if isinstance(node, ast.Assign):
            for target in node.targets:
                if isinstance(target, ast.Attribute) and _is_named(target.value, owner):
                    yield target.attr, node.value
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store) and _is_named(node.value, owner):
            yield node.attr, None


def _is_named(value: ast.expr, name: str) -> bool:
    return isinstance(value, ast.Name) and value.id == name


def _kind_of(value: ast.expr | None, imports: dict[str, str]) -> str:
    """Return what an attribute is, after the torch class it is an instance of."""
    if isinstance(value, ast.Call):
        root, _, path = (dotted_name(value.func) or "").partition(".")
        if root in imports:
            return (path or imports[root]).rpartition(".")[2]
    return _OTHER
