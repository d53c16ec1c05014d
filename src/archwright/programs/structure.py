"""What a program's text says about its network: the layer lists, the helpers, and which layers keep a shape.

Everything is read from the syntax tree; nothing is run. Where the text does not say, the answer is None or False, and
whoever changes the program leaves that place alone.
"""

import ast
from collections.abc import Sequence
from dataclasses import dataclass, field

from archwright.contracts.form import NET
from archwright.programs.layers import bound_arguments, layer_name
from archwright.programs.walking import names_in

NORMS = ("BatchNorm2d", "GroupNorm")
ACTIVATIONS = ("ReLU", "GELU", "SiLU", "LeakyReLU", "ELU", "Hardswish", "Mish")
POOLS = ("MaxPool2d", "AvgPool2d")
KEEP_SHAPE = (*NORMS, *ACTIVATIONS, "Dropout", "Dropout2d", "InstanceNorm2d", "ReLU6", "SELU")
"""Layers whose output has the shape of their input, whatever their arguments."""

ROLES = {
    "in_channels": "in",
    "out_channels": "out",
    "kernel_size": "kernel",
    "stride": "stride",
    "groups": "groups",
    "dilation": "dilation",
}
"""Argument of a convolution -> what a helper's parameter is, that is passed on to it."""


@dataclass
class Helper:
    """A function or class of the program that builds or is a part of the network."""

    node: ast.FunctionDef | ast.ClassDef
    parameters: list[str]
    """As a caller gives them: without self."""
    roles: dict[str, set[str]] = field(default_factory=dict)
    """Parameter -> the values of `ROLES` that it is used as."""
    concatenates: bool = False
    """Whether it joins branches, so that its output is wider than any one of its convolutions."""
    adds_input: bool = False
    """Whether its output is its input plus or times something, and so has the input's shape."""

    def parameter_in_role(self, role: str) -> str | None:
        """Return the one parameter with `role`, None when there is none or more than one."""
        found = [parameter for parameter in self.parameters if role in self.roles.get(parameter, ())]
        return found[0] if len(found) == 1 else None


def find_helpers(tree: ast.Module) -> dict[str, Helper]:
    """Return the program's functions and classes by name, `Net` left out."""
    helpers: dict[str, Helper] = {}
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            helpers[node.name] = Helper(node, [argument.arg for argument in node.args.args])
        elif isinstance(node, ast.ClassDef) and node.name != NET:
            init = method_of(node, "__init__")
            if init is not None:
                helpers[node.name] = Helper(node, [argument.arg for argument in init.args.args[1:]])
                helpers[node.name].concatenates = _concatenates(node)
                helpers[node.name].adds_input = _adds_input(method_of(node, "forward"))
    for _ in range(2):  # A helper may be made of helpers.
        for helper in helpers.values():
            _collect_roles(helper, helpers)
            used = [other for call in ast.walk(helper.node) if (other := helper_of(call, helpers)) is not None]
            helper.concatenates |= any(other.concatenates for other in used)
    return helpers


def method_of(node: ast.ClassDef, name: str) -> ast.FunctionDef | None:
    """Return a method of a class by name."""
    return next((child for child in node.body if isinstance(child, ast.FunctionDef) and child.name == name), None)


def layer_lists(tree: ast.AST) -> list[list[ast.expr]]:
    """Return the lists of layers that run one after the other; editing one in place edits the program.

    They are the arguments of `nn.Sequential` and lists of calls that are given to a name or unpacked.
    """
    lists: list[list[ast.expr]] = []
    indexed = {id(list_node) for node in ast.walk(tree) for list_node in _indexed_lists(node)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and _called(node) == "Sequential" and len(node.args) > 1:
            lists.append(node.args)
        elif isinstance(node, ast.List) and id(node) not in indexed and len(node.elts) > 1:
            is_of_layers = all(layer_name(element) for element in node.elts)
            lists += [node.elts] if is_of_layers else []
    return lists


def _indexed_lists(node: ast.AST) -> list[ast.expr]:
    """Return lists whose elements a program reaches one by one: those given to a ModuleList or concatenated."""
    if isinstance(node, ast.Call) and _called(node) in ("ModuleList", "cat", "stack", "concat"):
        return node.args
    return []


def calls_of(tree: ast.AST, *names: str) -> list[ast.Call]:
    """Return the calls that build the named torch layers, in source order."""
    return [node for node in ast.walk(tree) if isinstance(node, ast.Call) and layer_name(node) in names]


def helper_of(call: ast.AST, helpers: dict[str, Helper]) -> Helper | None:
    """Return the helper that `call` calls."""
    if isinstance(call, ast.Call) and isinstance(call.func, ast.Name):
        return helpers.get(call.func.id)
    return None


def given_arguments(call: ast.Call, helper: Helper) -> dict[str, ast.expr] | None:
    """Return the arguments of a helper's call by parameter, None when they cannot be told."""
    if len(call.args) > len(helper.parameters) or any(isinstance(argument, ast.Starred) for argument in call.args):
        return None
    given = dict(zip(helper.parameters, call.args, strict=False))
    for keyword in call.keywords:
        if keyword.arg is None:
            return None
        given[keyword.arg] = keyword.value
    return given


def channels(element: ast.expr, helpers: dict[str, Helper]) -> tuple[ast.expr, ast.expr] | None:
    """Return the input and output channels of a layer or of a call of a helper, None when the text does not say."""
    if not isinstance(element, ast.Call):
        return None
    name = layer_name(element)
    if name is not None:
        bound = bound_arguments(element) or {}
        if name == "Conv2d" and "in_channels" in bound and "out_channels" in bound:
            return bound["in_channels"], bound["out_channels"]
        width = bound.get("num_features") if name == "BatchNorm2d" else bound.get("num_channels")
        return (width, width) if width is not None else None
    helper = helper_of(element, helpers)
    if helper is None:
        return None
    given = given_arguments(element, helper)
    if not given or not helper.parameters:
        return None
    first = given.get(helper.parameters[0])
    if first is not None and _is_residual(helper):
        return (first, first) if helper.roles.get(helper.parameters[0], set()) & {"in", "out", "width"} else None
    if helper.concatenates:
        return None
    if len(helper.parameters) > 1 and "out" in helper.roles.get(helper.parameters[1], ()):
        second = given.get(helper.parameters[1])
        return (first, second) if first is not None and second is not None else None
    return None


def _is_residual(helper: Helper) -> bool:
    """Return whether a helper's output has its input's shape, whatever it is called with."""
    return helper.adds_input and not any("out" in helper.roles.get(name, ()) for name in helper.parameters[1:2])


def keeps_shape(element: ast.expr, helpers: dict[str, Helper]) -> bool:
    """Return whether the text says that a layer's output has the shape of its input."""
    if not isinstance(element, ast.Call):
        return False
    name = layer_name(element)
    if name == "Conv2d":
        return _is_same_convolution(element)
    if name is not None:
        return name in KEEP_SHAPE
    helper = helper_of(element, helpers)
    ends = channels(element, helpers)
    if helper is None or not (_is_residual(helper) or (ends is not None and is_equal(*ends))):
        return False
    stride = helper.parameter_in_role("stride")
    given = given_arguments(element, helper) or {}
    return stride is None or stride not in given or number(given[stride]) == 1


def _is_same_convolution(call: ast.Call) -> bool:
    bound = bound_arguments(call)
    if bound is None or not is_equal(bound.get("in_channels"), bound.get("out_channels")):
        return False
    return number(bound.get("stride"), 1) == 1 and keeps_size(bound)


def keeps_size(bound: dict[str, ast.expr]) -> bool:
    """Return whether a convolution of stride 1 with these arguments keeps height and width."""
    kernel, padding = bound.get("kernel_size"), bound.get("padding")
    if isinstance(padding, ast.Constant) and padding.value == "same":
        return True
    if isinstance(kernel, ast.Name):
        return padding is not None and ast.unparse(padding) == f"{kernel.id} // 2"
    size, pad, dilation = number(kernel), number(padding, 0), number(bound.get("dilation"), 1)
    return None not in (size, pad, dilation) and 2 * (pad or 0) == (dilation or 1) * ((size or 1) - 1)


def number(node: ast.expr | None, absent: int | None = None) -> int | None:
    """Return the value of an integer literal; `absent` when there is no node, None when it is something else."""
    if node is None:
        return absent
    return node.value if isinstance(node, ast.Constant) and type(node.value) is int else None


def is_equal(first: ast.AST | None, second: ast.AST | None) -> bool:
    """Return whether two expressions are written the same."""
    return first is not None and second is not None and ast.dump(first) == ast.dump(second)


def channels_after(layers: Sequence[ast.expr], position: int, helpers: dict[str, Helper]) -> ast.expr | None:
    """Return the channels of what leaves `layers[position]`, found by looking back over layers that keep a shape."""
    for element in reversed(layers[: position + 1]):
        ends = channels(element, helpers)
        if ends is not None:
            return ends[1]
        name = layer_name(element)
        if name not in (*KEEP_SHAPE, *POOLS):
            return None
    return None


def _called(call: ast.Call) -> str | None:
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", None)


def _collect_roles(helper: Helper, helpers: dict[str, Helper]) -> None:
    for call in ast.walk(helper.node):
        if not isinstance(call, ast.Call):
            continue
        if layer_name(call) == "Conv2d":
            bound = bound_arguments(call) or {}
            passed = [(value, {ROLES[name]}) for name, value in bound.items() if name in ROLES]
        elif layer_name(call) in NORMS:
            bound = bound_arguments(call) or {}
            passed = [(value, {"width"}) for name, value in bound.items() if name in ("num_features", "num_channels")]
        elif (other := helper_of(call, helpers)) is not None and other is not helper:
            given = given_arguments(call, other) or {}
            passed = [(value, other.roles.get(name, set())) for name, value in given.items()]
        else:
            continue
        for value, roles in passed:
            for name in names_in(value) & set(helper.parameters):
                helper.roles.setdefault(name, set()).update(roles)


def _concatenates(node: ast.AST) -> bool:
    return any(isinstance(call, ast.Call) and _called(call) in ("cat", "concat", "stack") for call in ast.walk(node))


def _adds_input(forward: ast.FunctionDef | None) -> bool:
    """Return whether `forward` returns its own argument plus or times something."""
    if forward is None or len(forward.args.args) < 2:
        return False
    x = forward.args.args[1].arg
    for node in ast.walk(forward):
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add | ast.Mult):
            sides = (node.left, node.right)
            if any(isinstance(side, ast.Name) and side.id == x for side in sides):
                return True
    return False
