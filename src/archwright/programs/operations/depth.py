"""How deep a network is: blocks repeated, added and taken out where a shape stays as it is."""

import ast
import random

from archwright.programs.layers import bound_arguments, layer_name, set_argument
from archwright.programs.operations.editing import choose_place, copied, run_from
from archwright.programs.structure import (
    KEEP_SHAPE,
    Helper,
    channels,
    given_arguments,
    helper_of,
    is_equal,
    keeps_shape,
    keeps_size,
    number,
)

MOST_REPEATS = 8


def duplicate_block(tree: ast.Module, rng: random.Random) -> str | None:
    """Run a block that keeps the shape twice, with weights of its own."""
    place = choose_place(tree, rng, _is_block)
    if place is None:
        return None
    layers, position, _ = place
    run = run_from(layers, position)
    at = position + len(run)
    layers[at:at] = [copied(element) for element in run]
    return f"one more {_short(layers[position])}"


def remove_block(tree: ast.Module, rng: random.Random) -> str | None:
    """Take out a block that keeps the shape."""
    place = choose_place(tree, rng, lambda layers, at, helpers: len(layers) > 2 and _is_block(layers, at, helpers))
    if place is None:
        return None
    layers, position, _ = place
    removed = _short(layers[position])
    run = len(run_from(layers, position))
    if run == len(layers):
        return None
    del layers[position : position + run]
    return f"without {removed}"


def extend_stage(tree: ast.Module, rng: random.Random) -> str | None:
    """After a block that widens the network, add another one as wide."""
    place = choose_place(tree, rng, _is_widening)
    if place is None:
        return None
    layers, position, helpers = place
    run = [copied(element) for element in run_from(layers, position)]
    first = run[0]
    assert isinstance(first, ast.Call)
    ends = channels(first, helpers)
    assert ends is not None
    if layer_name(first) == "Conv2d":
        set_argument(first, "in_channels", copied(ends[1]))
        if "stride" in (bound_arguments(first) or {}):
            set_argument(first, "stride", ast.Constant(1))
    else:
        _continue_helper(first, helpers, copied(ends[1]))
    at = position + len(run)
    layers[at:at] = run
    return f"one more {_short(first)}"


def change_repeats(tree: ast.Module, rng: random.Random) -> str | None:
    """Change how often a loop adds a block: the literal in `range(...)`, or that of the variable in it."""
    constants = _repeat_constants(tree)
    if not constants:
        return None
    constant = rng.choice(constants)
    old = constant.value
    assert type(old) is int
    choices = [value for value in (old - 1, old + 1, old + 2) if 1 <= value <= max(MOST_REPEATS, old)]
    constant.value = rng.choice(choices)
    return f"repeats {old} -> {constant.value}"


def _is_block(layers: list[ast.expr], position: int, helpers: dict[str, Helper]) -> bool:
    element = layers[position]
    return layer_name(element) not in KEEP_SHAPE and keeps_shape(element, helpers)


def _is_widening(layers: list[ast.expr], position: int, helpers: dict[str, Helper]) -> bool:
    element = layers[position]
    ends = channels(element, helpers)
    if ends is None or is_equal(*ends) or not isinstance(element, ast.Call):
        return False
    if layer_name(element) == "Conv2d":
        bound = bound_arguments(element) or {}
        return keeps_size(bound | {"stride": ast.Constant(1)}) and number(bound.get("groups"), 1) == 1
    return "groups" not in _given_roles(element, helpers)


def _given_roles(call: ast.Call, helpers: dict[str, Helper]) -> set[str]:
    helper = helper_of(call, helpers)
    given = given_arguments(call, helper) if helper else None
    if helper is None or given is None:
        return set()
    return {role for name in given for role in helper.roles.get(name, ())} if given else set()


def _continue_helper(call: ast.Call, helpers: dict[str, Helper], width: ast.expr) -> None:
    """Make the call of a helper go on where the one it was copied from ended."""
    helper = helper_of(call, helpers)
    assert helper is not None
    given = given_arguments(call, helper) or {}
    given[helper.parameters[0]] = width
    stride = helper.parameter_in_role("stride")
    if stride in given:
        given[stride] = ast.Constant(1)
    positional = helper.parameters[: len(call.args)]
    call.args = [given[name] for name in positional]
    call.keywords = [ast.keyword(name, value) for name, value in given.items() if name not in positional]


def _repeat_constants(tree: ast.Module) -> list[ast.Constant]:
    counts: list[ast.expr] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.For | ast.comprehension) and isinstance(node.iter, ast.Call):
            is_range = isinstance(node.iter.func, ast.Name) and node.iter.func.id == "range"
            counts += node.iter.args if is_range and len(node.iter.args) == 1 else []
    names = {count.id for count in counts if isinstance(count, ast.Name)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign):
            targets = node.targets[0].elts if isinstance(node.targets[0], ast.Tuple) else node.targets[:1]
            values = node.value.elts if isinstance(node.value, ast.Tuple) else [node.value]
            if len(targets) == len(values):
                pairs = zip(targets, values, strict=True)
                counts += [value for target, value in pairs if isinstance(target, ast.Name) and target.id in names]
        elif isinstance(node, ast.arguments):
            named = node.args[len(node.args) - len(node.defaults) :]
            counts += [value for argument, value in zip(named, node.defaults, strict=True) if argument.arg in names]
    return [
        count for count in counts if isinstance(count, ast.Constant) and type(count.value) is int and count.value > 0
    ]


def _short(node: ast.expr) -> str:
    return ast.unparse(node)[:60]
