"""How a network gets from features to classes, and how much it forgets on the way."""

import ast
import random

from archwright.programs.layers import bound_arguments, layer_name, set_argument
from archwright.programs.operations.editing import expression, use_nn, usual_activation
from archwright.programs.structure import calls_of, layer_lists, number

HIDDEN = (64, 96, 128, 192)
HIDDEN_OF_GRID = (32, 48, 64)
"""Narrower where the classifier reads a whole grid of features: most parameters would be here."""
GRIDS = (1, 2, 3, 4)
RATES = (0.05, 0.1, 0.2, 0.3)


def hide_layer(tree: ast.Module, rng: random.Random) -> str | None:
    """Put a hidden layer before the classifier."""
    classifier = _classifier(tree)
    bound = bound_arguments(classifier) if classifier else None
    if classifier is None or not bound or not {"in_features", "out_features"} <= set(bound):
        return None
    use_nn(tree)
    width = rng.choice(HIDDEN_OF_GRID if isinstance(bound["in_features"], ast.BinOp) else HIDDEN)
    hidden = ast.Constant(width)
    first = expression("nn.Linear(a, b)", a=bound["in_features"], b=hidden)
    last = expression("nn.Linear(a, b)", a=hidden, b=bound["out_features"])
    norm = expression("nn.BatchNorm1d(width)", width=hidden)
    classifier.func = expression("nn.Sequential")
    classifier.args, classifier.keywords = [first, norm, expression(usual_activation(tree)), last], []
    return f"hidden layer of {width}"


def pool_finer(tree: ast.Module, rng: random.Random) -> str | None:
    """Classify from a coarser or finer grid of features; a grid of 1 x 1 is their average."""
    for layers in layer_lists(tree):
        names = [layer_name(element) for element in layers]
        for position, name in enumerate(names[:-2]):
            is_head = name in ("AdaptiveAvgPool2d", "AdaptiveMaxPool2d") and names[position + 1] == "Flatten"
            if is_head and names[position + 2] == "Linear":
                return _regrid(layers[position], layers[position + 2], rng)
    return None


def change_dropout(tree: ast.Module, rng: random.Random) -> str | None:
    """Change, add or remove dropout."""
    calls = calls_of(tree, "Dropout", "Dropout2d")
    if calls and rng.random() < 0.5:
        call = rng.choice(calls)
        rate = rng.choice(RATES)
        call.args, call.keywords = [ast.Constant(rate)], []
        return f"dropout {rate}"
    lists = layer_lists(tree)
    present = [(layers, element) for layers in lists for element in layers if element in calls]
    if present:
        layers, element = rng.choice(present)
        layers.remove(element)
        return "without dropout"
    places = [(layers, at) for layers in lists for at, element in enumerate(layers) if layer_name(element) == "Linear"]
    if not places:
        return None
    layers, at = rng.choice(places)
    use_nn(tree)
    rate = rng.choice(RATES)
    layers.insert(at, expression(f"nn.Dropout({rate})"))
    return f"dropout {rate} before {ast.unparse(layers[at + 1])[:50]}"


def _classifier(tree: ast.Module) -> ast.Call | None:
    """Return the last linear layer whose outputs are the classes."""
    found = [
        call for call in calls_of(tree, "Linear") if "out_shape" in ast.unparse(call) or "class" in ast.unparse(call)
    ]
    return found[-1] if found else None


def _regrid(pool: ast.expr, linear: ast.expr, rng: random.Random) -> str | None:
    assert isinstance(pool, ast.Call)
    assert isinstance(linear, ast.Call)
    old = number((bound_arguments(pool) or {}).get("output_size"))
    bound = bound_arguments(linear) or {}
    width = _channels_of_grid(bound.get("in_features"), old)
    if old is None or width is None:
        return None
    grid = rng.choice([size for size in GRIDS if size != old])
    features = expression("width" if grid == 1 else f"width * {grid * grid}", width=width)
    set_argument(pool, "output_size", ast.Constant(grid))
    set_argument(linear, "in_features", features)
    return f"a classifier over {grid} x {grid} features"


def _channels_of_grid(features: ast.expr | None, grid: int | None) -> ast.expr | None:
    """Return `c` of `c * 16` where the grid is 4 x 4, and all of it where it is 1 x 1."""
    if grid == 1 or features is None or grid is None:
        return features
    is_product = isinstance(features, ast.BinOp) and isinstance(features.op, ast.Mult)
    if isinstance(features, ast.BinOp) and is_product and number(features.right) == grid * grid:
        return features.left
    return None
