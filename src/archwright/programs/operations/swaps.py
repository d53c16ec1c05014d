"""One kind of activation or normalisation for another."""

import ast
import random

from archwright.programs.layers import binds_torch, bound_arguments, layer_name
from archwright.programs.operations.editing import choose_place, expression, use_nn
from archwright.programs.structure import ACTIVATIONS, NORMS, Helper, calls_of, channels
from archwright.syntax import syntax_tree

FUNCTIONS = ("relu", "gelu", "silu", "leaky_relu", "elu", "hardswish", "mish")
"""Activations of torch.nn.functional."""


def swap_activation(tree: ast.Module, rng: random.Random) -> str | None:
    """Replace an activation by another one: everywhere, or in one place."""
    calls = calls_of(tree, *ACTIVATIONS)
    functions = [node for node in ast.walk(tree) if _functional(node) is not None]
    if not calls and not functions:
        return None
    chosen = rng.choice([*calls, *functions])
    old = layer_name(chosen) or _functional(chosen)
    same = [node for node in (*calls, *functions) if (layer_name(node) or _functional(node)) == old]
    is_everywhere = rng.random() < 0.7
    if isinstance(chosen, ast.Call) and layer_name(chosen):
        use_nn(tree)
        new = rng.choice([name for name in ACTIVATIONS if name != old])
        for call in same if is_everywhere else [chosen]:
            assert isinstance(call, ast.Call)
            call.func, call.args, call.keywords = expression(f"nn.{new}"), [], []
    else:
        new = rng.choice([name for name in FUNCTIONS if name != old])
        for call in same if is_everywhere else [chosen]:
            assert isinstance(call, ast.Call)
            call.func, call.args, call.keywords = expression(f"torch.nn.functional.{new}"), call.args[:1], []
        if not binds_torch(tree):
            tree.body.insert(0, syntax_tree("import torch").body[0])
    return f"{old} -> {new}{'' if is_everywhere else ' in one place'}"


def swap_norm(tree: ast.Module, rng: random.Random) -> str | None:
    """Normalise by image instead of by batch, or the other way round, in one place."""
    calls = [call for call in calls_of(tree, *NORMS) if bound_arguments(call)]
    if not calls:
        return None
    call = rng.choice(calls)
    bound = bound_arguments(call) or {}
    if layer_name(call) == "BatchNorm2d" and "num_features" in bound:
        use_nn(tree)
        _replace(call, expression("nn.GroupNorm(1, width)", width=bound["num_features"]))
        return "BatchNorm2d -> GroupNorm"
    if "num_channels" in bound:
        use_nn(tree)
        _replace(call, expression("nn.BatchNorm2d(width)", width=bound["num_channels"]))
        return "GroupNorm -> BatchNorm2d"
    return None


def add_norm(tree: ast.Module, rng: random.Random) -> str | None:
    """Normalise after a convolution that has no normalisation."""
    place = choose_place(tree, rng, _is_without_norm)
    if place is None:
        return None
    layers, position, helpers = place
    ends = channels(layers[position], helpers)
    assert ends is not None
    use_nn(tree)
    layers.insert(position + 1, expression("nn.BatchNorm2d(width)", width=ends[1]))
    return f"normalisation after {ast.unparse(layers[position])[:50]}"


def _is_without_norm(layers: list[ast.expr], position: int, helpers: dict[str, Helper]) -> bool:
    following = [layer_name(element) for element in layers[position + 1 : position + 3]]
    return (
        layer_name(layers[position]) == "Conv2d"
        and channels(layers[position], helpers) is not None
        and not any(name is not None and "Norm" in name for name in following)
    )


def _functional(node: ast.AST) -> str | None:
    """Return the name of the activation function of torch that `node` calls."""
    if (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in FUNCTIONS
        and node.args
    ):
        owner = ast.unparse(node.func.value)
        return node.func.attr if owner in ("F", "torch", "nn.functional", "torch.nn.functional") else None
    return None


def _replace(call: ast.Call, other: ast.expr) -> None:
    assert isinstance(other, ast.Call)
    call.func, call.args, call.keywords = other.func, other.args, other.keywords
