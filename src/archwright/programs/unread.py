"""What a program stores and never reads: attributes, local variables and class constants without effect.

`self.learning_rate = prm["lr"]` changes no output and no weight. What could is kept: a layer with parameters, the value
of a call we do not know, anything in a class that derives from more than `nn.Module`, and every attribute of a program
that looks attributes up by a computed name. A program that would fail while it computes a dropped value no longer does.
"""

import ast
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from archwright.contracts.form import NET
from archwright.programs.layers import bound_arguments
from archwright.programs.lookups import BY_NAME, looks_names_up, word_of
from archwright.programs.reachability import defined_name, is_outside_name
from archwright.programs.scopes import parameter_names
from archwright.programs.walking import walk

_Method = ast.FunctionDef | ast.AsyncFunctionDef

_WALKS_OVER_LAYERS = frozenset({"children", "named_children", "modules", "named_modules", "_modules"})
_INSIDE_MODULE = frozenset({"_parameters", "_buffers", "_modules", "_version", "call_super_init", "dump_patches"})
"""Attributes that `nn.Module` itself reads."""
_FOR_OTHERS = frozenset({"__constants__", "extra_repr"})
"""Read by TorchScript and by whoever prints a module; never by the network."""

_PLAIN_CALL_WORDS = "abs bool dict float int isinstance len list max min range round set str sum tuple"
_PLAIN_CALLS = frozenset(_PLAIN_CALL_WORDS.split())
_QUERIES = frozenset({"dim", "get", "size"})
_PARAMETERLESS_WORDS = """
AdaptiveAvgPool2d AdaptiveMaxPool2d AvgPool2d BCELoss BCEWithLogitsLoss CrossEntropyLoss Dropout Dropout2d ELU Flatten
GELU Hardsigmoid Hardswish Identity KLDivLoss L1Loss LeakyReLU LogSoftmax MSELoss MaxPool2d Mish NLLLoss ReLU ReLU6 SELU
SiLU Sigmoid SmoothL1Loss Softmax Tanh
"""
_PARAMETERLESS = frozenset(_PARAMETERLESS_WORDS.split())


def drop_unread(tree: ast.Module) -> bool:
    """Take out of `tree` what it stores and never reads; return whether anything was taken out."""
    nodes = walk(tree)
    unread = set(_unread_for_others(nodes))
    if not looks_names_up(nodes):
        unread |= {*_unread_locals(nodes), *_unread_attributes(tree, nodes)}
    if unread:
        _Without(unread).visit(tree)
    return bool(unread)


def _looked_up(nodes: Iterable[ast.AST]) -> set[str]:
    """Return the attributes that are read by a name given as a string."""
    calls = [node for node in nodes if isinstance(node, ast.Call) and word_of(node.func) in BY_NAME]
    return {call.args[1].value for call in calls if isinstance(call.args[1], ast.Constant)}  # type: ignore[misc]


def _unread_for_others(nodes: Sequence[ast.AST]) -> Iterator[ast.stmt]:
    named = {node.attr for node in nodes if isinstance(node, ast.Attribute)}
    for node in nodes:
        if isinstance(node, ast.ClassDef) and "jit" not in named:
            for statement in node.body:
                if _FOR_OTHERS - named & {defined_name(statement)}:
                    yield statement


def _unread_locals(program: Iterable[ast.AST]) -> Iterator[ast.stmt]:
    """Yield assignments of plain values to variables that their function never mentions again."""
    for function in program:
        nodes = walk(function) if isinstance(function, _Method) else []
        if any(isinstance(node, ast.ClassDef) for node in nodes):
            continue  # What looks like a variable may be an attribute of that class.
        elsewhere = {name for node in nodes if isinstance(node, ast.Global | ast.Nonlocal) for name in node.names}
        read = {node.id for node in nodes if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Store)}
        stored = Counter(node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store))
        pure = [node for node in nodes if isinstance(node, ast.Assign) and defined_name(node) and _is_pure(node.value)]
        dropped = Counter(defined_name(node) for node in pure)
        for node in pure:
            name = defined_name(node)
            if name and name not in read | elsewhere and dropped[name] == stored[name] and name != "__class__":
                yield node


def _is_pure(value: ast.expr) -> bool:
    """Return whether computing `value` does nothing but compute it."""
    if isinstance(value, ast.Call):
        function = value.func
        is_known = isinstance(function, ast.Name) and function.id in _PLAIN_CALLS
        is_math = isinstance(function, ast.Attribute) and ast.unparse(function.value) == "math"
        is_query = isinstance(function, ast.Attribute) and function.attr in _QUERIES and _is_pure(function.value)
        arguments = [*value.args, *(keyword.value for keyword in value.keywords)]
        return (is_known or is_math or is_query) and all(_is_pure(argument) for argument in arguments)
    if isinstance(value, ast.Constant | ast.Name):
        return True
    pure = ast.Attribute | ast.Subscript | ast.Slice | ast.Tuple | ast.List | ast.Dict | ast.Set | ast.IfExp | ast.BinOp
    if isinstance(value, pure | ast.UnaryOp | ast.BoolOp | ast.Compare):
        return all(_is_pure(child) for child in ast.iter_child_nodes(value) if isinstance(child, ast.expr))
    return False


@dataclass(frozen=True)
class _Store:
    """`self.attribute = value` inside a method."""

    statement: ast.Assign
    attribute: str
    arguments: frozenset[str]
    """The arguments of the method that can be no layer."""
    is_contract: bool
    """Whether the method is `Net.__init__`, whose arguments are numbers, tuples and a dictionary."""


def _unread_attributes(tree: ast.Module, nodes: Sequence[ast.AST]) -> Iterator[ast.stmt]:
    attributes = [node for node in nodes if isinstance(node, ast.Attribute)]
    read = {node.attr for node in attributes if not isinstance(node.ctx, ast.Store)} | _looked_up(nodes)
    read |= {node.name for node in nodes if isinstance(node, _Method)} | _INSIDE_MODULE
    stored = Counter(node.attr for node in attributes if isinstance(node.ctx, ast.Store))
    classes = [node for node in tree.body if isinstance(node, ast.ClassDef)]
    plain = _plain_classes(classes)
    stores = [store for node in plain for store in _stores(node)]
    numbers = _attributes_of_numbers(stores, stored)
    layers_count = any(word_of(node) in _WALKS_OVER_LAYERS for node in nodes)
    effectless = [
        store
        for store in stores
        if _is_number(store.statement.value, store, numbers)
        or (not layers_count and _is_layer_without_parameters(store.statement.value))
    ]
    dropped = Counter(store.attribute for store in effectless)
    for store in effectless:
        name = store.attribute
        if name not in read and not is_outside_name(name) and dropped[name] == stored[name]:
            yield store.statement
    names = {node.id for node in nodes if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Store)}
    for node in plain:
        for statement in node.body:
            name = defined_name(statement) or ""
            is_constant = isinstance(statement, ast.Assign) and _is_pure(statement.value)
            if is_constant and name not in read | names and not stored[name] and not is_outside_name(name):
                yield statement


def _plain_classes(classes: Iterable[ast.ClassDef]) -> list[ast.ClassDef]:
    """Return the classes that inherit from nothing but `nn.Module` and each other: no code outside reads them."""
    plain: dict[str, ast.ClassDef] = {}
    for node in classes:
        bases = {ast.unparse(base) for base in node.bases}
        if (
            not node.keywords
            and not node.decorator_list
            and bases <= {"nn.Module", "torch.nn.Module", "Module", "object", *plain}
        ):
            plain[node.name] = node
    return list(plain.values())


def _stores(node: ast.ClassDef) -> Iterator[_Store]:
    for method in node.body:
        names = parameter_names(method.args) if isinstance(method, _Method) else []
        if not isinstance(method, _Method) or not names:
            continue
        is_contract = node.name == NET and method.name == "__init__"
        inside = walk(method)
        arguments = _number_arguments(names[1:], inside, is_contract=is_contract)
        for child in inside:
            if isinstance(child, ast.Assign) and len(child.targets) == 1:
                target = child.targets[0]
                if isinstance(target, ast.Attribute) and word_of(target.value) == names[0]:
                    yield _Store(child, target.attr, arguments, is_contract)


def _attributes_of_numbers(stores: list[_Store], stored: Counter[str]) -> frozenset[str]:
    """Return the attributes that hold nothing but an argument of `Net`, a number or a text."""
    numbers = Counter(store.attribute for store in stores if _is_number(store.statement.value, store, frozenset()))
    return frozenset(name for name, count in numbers.items() if count == stored[name])


def _is_number(value: ast.expr, store: _Store, numbers: frozenset[str]) -> bool:
    """Return whether `value` is computed without an effect and is no layer: storing that would add its parameters."""
    if not _is_pure(value):
        return False
    if isinstance(value, ast.BoolOp):
        return all(_is_number(part, store, numbers) for part in value.values)
    if isinstance(value, ast.IfExp):
        return all(_is_number(part, store, numbers) for part in (value.body, value.orelse))
    if isinstance(value, ast.Call) and isinstance(value.func, ast.Attribute) and value.func.attr == "get":
        return _is_number(value.func.value, store, numbers)
    if isinstance(value, ast.Subscript):
        return _is_number(value.value, store, numbers) and store.is_contract
    if isinstance(value, ast.Attribute):
        return value.attr in numbers
    return not isinstance(value, ast.Name) or value.id in store.arguments


def _number_arguments(names: Iterable[str], inside: list[ast.AST], *, is_contract: bool) -> frozenset[str]:
    """Return the arguments of a method that are used as only a number can be, or are the contract's; none rebound."""
    stored = {node.id for node in inside if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    if is_contract:
        return frozenset(names) - stored
    used = {word_of(value) for node in inside for value in _numbers_used(node)}
    return frozenset(names) & used - stored


def _numbers_used(node: ast.AST) -> list[ast.expr]:
    """Return the operands of `node` that have to be numbers, flags or tuples of them."""
    if isinstance(node, ast.Call):
        is_range = isinstance(node.func, ast.Name) and node.func.id in ("range", "int", "float")
        return node.args if is_range else list((bound_arguments(node) or {}).values())
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.FloorDiv | ast.Mod):
        return [node.right]
    return []


def _is_layer_without_parameters(value: ast.expr) -> bool:
    """Return whether `value` builds a known layer or loss that holds no weight, wherever it is moved to."""
    if not isinstance(value, ast.Call):
        return False
    if isinstance(value.func, ast.Attribute) and value.func.attr == "to" and all(map(_is_pure, value.args)):
        return _is_layer_without_parameters(value.func.value)
    module, _, name = ast.unparse(value.func).rpartition(".")
    given = [*value.args, *(keyword.value for keyword in value.keywords)]
    is_weighted = any(keyword.arg in ("weight", "pos_weight", None) for keyword in value.keywords)
    is_weighted |= bool(value.args) and name.endswith("Loss")
    return module in ("nn", "torch.nn") and name in _PARAMETERLESS and not is_weighted and all(map(_is_pure, given))


class _Without(ast.NodeTransformer):
    """Takes statements out; a block that becomes empty goes with its condition, or says `pass`."""

    def __init__(self, dropped: set[ast.stmt]) -> None:
        self._dropped = dropped

    def generic_visit(self, node: ast.AST) -> ast.AST | None:  # type: ignore[override]
        if node in self._dropped:
            return None
        super().generic_visit(node)
        if isinstance(node, ast.If) and not node.body and not node.orelse and _is_pure(node.test):
            return None
        if isinstance(node, ast.stmt | ast.ExceptHandler) and not getattr(node, "body", True):
            node.body = [ast.Pass()]  # type: ignore[union-attr]
        return node
