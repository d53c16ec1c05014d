"""Where and how a network loses resolution."""

import ast
import random

from archwright.contracts.form import NET
from archwright.programs.layers import bound_arguments, layer_name, set_argument
from archwright.programs.operations.editing import choose_place, expression, set_given, use_nn
from archwright.programs.structure import (
    ACTIVATIONS,
    POOLS,
    Helper,
    calls_of,
    channels_after,
    find_helpers,
    given_arguments,
    helper_of,
    keeps_size,
    layer_lists,
    number,
)

_LOOPS = ast.For | ast.While | ast.ListComp | ast.GeneratorExp

_SWAPS = {
    "MaxPool2d": "AvgPool2d",
    "AvgPool2d": "MaxPool2d",
    "AdaptiveAvgPool2d": "AdaptiveMaxPool2d",
    "AdaptiveMaxPool2d": "AdaptiveAvgPool2d",
}


def swap_pool(tree: ast.Module, rng: random.Random) -> str | None:
    """Pool by the maximum instead of the average, or the other way round."""
    calls = calls_of(tree, *_SWAPS)
    if not calls:
        return None
    call = rng.choice(calls)
    name, bound = layer_name(call), bound_arguments(call)
    if name is None or bound is None:
        return None
    kept = ("kernel_size", "stride", "padding", "ceil_mode", "output_size")
    call.args = []
    call.keywords = [ast.keyword(argument, value) for argument, value in bound.items() if argument in kept]
    if call.keywords:
        call.args = [call.keywords.pop(0).value]
    call.func = _renamed(call.func, _SWAPS[name])
    return f"{name} -> {_SWAPS[name]}"


def move_pool(tree: ast.Module, rng: random.Random) -> str | None:
    """Pool one block earlier or later."""
    place = choose_place(
        tree, rng, lambda layers, at, _: layer_name(layers[at]) in POOLS and len(layers) > 2, _stages(tree)
    )
    if place is None:
        return None
    layers, position, _ = place
    step = rng.choice([step for step in (-1, 1) if 0 <= position + step < len(layers)])
    if not isinstance(layers[position + step], ast.Call):
        return None
    layers[position], layers[position + step] = layers[position + step], layers[position]
    return f"pooling one place {'earlier' if step < 0 else 'later'}"


def add_pool(tree: ast.Module, rng: random.Random) -> str | None:
    """Halve the resolution after one more block; an odd last row is kept, so that even 1 x 1 can be pooled."""
    place = choose_place(tree, rng, _may_pool_after, _stages(tree))
    if place is None:
        return None
    layers, position, _ = place
    use_nn(tree)
    layers.insert(position + 1, expression("nn.MaxPool2d(2, ceil_mode=True)"))
    return f"pooling after {ast.unparse(layers[position])[:50]}"


def remove_pool(tree: ast.Module, rng: random.Random) -> str | None:
    """Take out one pooling."""
    place = choose_place(
        tree, rng, lambda layers, at, _: layer_name(layers[at]) in POOLS and len(layers) > 1, _stages(tree)
    )
    if place is None:
        return None
    layers, position, _ = place
    removed = layers.pop(position)
    return f"without {ast.unparse(removed)}"


def change_stride(tree: ast.Module, rng: random.Random) -> str | None:
    """Give one convolution, or one call of a helper, stride 2 instead of 1 or the other way round."""
    helpers = find_helpers(tree)
    listed = [element for layers in _stages(tree) for element in layers]
    places = [call for call in listed if isinstance(call, ast.Call) and _may_stride(call, helpers)]
    if not places:
        return None
    call = rng.choice(places)
    helper = helper_of(call, helpers)
    if helper is None:
        bound = bound_arguments(call) or {}
        new = 1 if number(bound.get("stride")) == 2 else 2
        set_argument(call, "stride", ast.Constant(new))
    else:
        parameter = helper.parameter_in_role("stride")
        assert parameter is not None
        value = (given_arguments(call, helper) or {}).get(parameter)
        new = 1 if number(value) == 2 else 2
        set_given(call, helper, parameter, ast.Constant(new))
    return f"stride of {ast.unparse(call)[:50]}"


def _may_stride(call: ast.Call, helpers: dict[str, Helper]) -> bool:
    if layer_name(call) == "Conv2d":
        bound = bound_arguments(call) or {}
        return keeps_size(bound) and number(bound.get("stride"), 1) in (1, 2)
    helper = helper_of(call, helpers)
    given = given_arguments(call, helper) if helper else None
    if helper is None or given is None or helper.adds_input:
        return False
    parameter = helper.parameter_in_role("stride")
    value = given.get(parameter) if parameter else None
    return parameter is not None and number(value, 1) in (1, 2)


def _stages(tree: ast.Module) -> list[list[ast.expr]]:
    """Return the layer lists that run once: not those of helpers, which may have to keep a size, nor those in loops."""
    nets = [node for node in tree.body if isinstance(node, ast.ClassDef) and node.name == NET]
    loops = [node for net in nets for node in ast.walk(net) if isinstance(node, _LOOPS)]
    repeated = {id(layers) for loop in loops for layers in layer_lists(loop)}
    return [layers for net in nets for layers in layer_lists(net) if id(layers) not in repeated]


def _may_pool_after(layers: list[ast.expr], position: int, helpers: dict[str, Helper]) -> bool:
    element = layers[position]
    is_end_of_block = layer_name(element) in ACTIVATIONS or helper_of(element, helpers) is not None
    return is_end_of_block and channels_after(layers, position, helpers) is not None


def _renamed(function: ast.expr, name: str) -> ast.expr:
    if isinstance(function, ast.Attribute):
        return ast.Attribute(function.value, name, ast.Load())
    return ast.Name(name, ast.Load())
