"""What a block is made of: shortcuts, channel attention, factorised convolutions."""

import ast
import random

from archwright.programs.layers import bound_arguments, layer_name
from archwright.programs.operations.editing import add_class, choose_place, copied, expression, run_from, use_nn
from archwright.programs.structure import (
    ACTIVATIONS,
    KEEP_SHAPE,
    NORMS,
    Helper,
    calls_of,
    channels_after,
    helper_of,
    keeps_shape,
    number,
)

RESIDUAL = """
class Residual(nn.Module):
    def __init__(self, body):
        super().__init__()
        self.body = body

    def forward(self, x):
        return x + self.body(x)
"""

SQUEEZE_EXCITE = """
class SqueezeExcite(nn.Module):
    def __init__(self, c, reduce=4):
        super().__init__()
        self.gate = nn.Sequential(
            nn.AdaptiveAvgPool2d(1),
            nn.Conv2d(c, c // reduce, 1),
            nn.ReLU(),
            nn.Conv2d(c // reduce, c, 1),
            nn.Sigmoid(),
        )

    def forward(self, x):
        return x * self.gate(x)
"""


def add_residual(tree: ast.Module, rng: random.Random) -> str | None:
    """Add the input of a block that keeps the shape to its output."""
    place = choose_place(tree, rng, _has_no_shortcut)
    if place is None:
        return None
    layers, position, _ = place
    use_nn(tree)
    name = add_class(tree, RESIDUAL)
    run = run_from(layers, position)
    body = run[0] if len(run) == 1 else ast.Call(expression("nn.Sequential"), [copied(element) for element in run], [])
    layers[position : position + len(run)] = [expression(f"{name}(body)", body=body)]
    return f"shortcut around {ast.unparse(run[0])[:50]}"


def add_squeeze_excite(tree: ast.Module, rng: random.Random) -> str | None:
    """Weigh the channels of a block by their averages."""
    place = choose_place(tree, rng, _ends_a_block)
    if place is None:
        return None
    layers, position, helpers = place
    width = channels_after(layers, position, helpers)
    assert width is not None
    use_nn(tree)
    name = add_class(tree, SQUEEZE_EXCITE)
    layers.insert(position + 1, expression(f"{name}(width)", width=width))
    return f"squeeze and excite after {ast.unparse(layers[position])[:50]}"


def separate_convolution(tree: ast.Module, rng: random.Random) -> str | None:
    """Replace a convolution by a depthwise one followed by a 1 x 1 one."""
    found = []
    for call in calls_of(tree, "Conv2d"):
        bound = bound_arguments(call) or {}
        is_plain = {"in_channels", "out_channels", "kernel_size"} <= set(bound) and "groups" not in bound
        if is_plain and number(bound["kernel_size"]) != 1:
            found.append((call, bound))
    if not found:
        return None
    call, bound = rng.choice(found)
    use_nn(tree)
    depthwise = expression("nn.Conv2d(width, width, size)", width=bound["in_channels"], size=bound["kernel_size"])
    assert isinstance(depthwise, ast.Call)
    kept = ("stride", "padding", "dilation")
    depthwise.keywords = [ast.keyword(name, copied(bound[name])) for name in kept if name in bound]
    depthwise.keywords.append(ast.keyword("groups", copied(bound["in_channels"])))
    pointwise = expression("nn.Conv2d(a, b, 1)", a=bound["in_channels"], b=bound["out_channels"])
    size = ast.unparse(bound["kernel_size"])
    call.func, call.args, call.keywords = expression("nn.Sequential"), [depthwise, pointwise], []
    return f"a separable convolution of kernel {size}"


def _has_no_shortcut(layers: list[ast.expr], position: int, helpers: dict[str, Helper]) -> bool:
    element = layers[position]
    helper = helper_of(element, helpers)
    is_block = layer_name(element) not in KEEP_SHAPE and keeps_shape(element, helpers)
    return is_block and not (helper is not None and helper.adds_input)


def _ends_a_block(layers: list[ast.expr], position: int, helpers: dict[str, Helper]) -> bool:
    element = layers[position]
    helper = helper_of(element, helpers)
    is_end = layer_name(element) in (*NORMS, *ACTIVATIONS) or helper is not None
    return is_end and channels_after(layers, position, helpers) is not None
