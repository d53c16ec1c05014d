"""Sizes that torch can find itself, so that nobody who writes a program has to work them out."""

import ast

from archwright.programs.formatting import format_tree, parse_program
from archwright.programs.tidying import tidy

CLASSES = "out_shape[0]"
_NEEDS_WEIGHTS = frozenset(
    {"weight", "bias", "parameters", "state_dict", "in_features", "init", "apply", "modules", "numel"}
)
"""Attributes that say that a program does something to weights, which an inferred layer does not have at first."""


def infer_inputs(source: str) -> str:
    """Return `source` with `nn.LazyLinear(classes)` in place of `nn.Linear(n, classes)`.

    The first forward pass makes it the same network. n depends on everything before it, the image's size included, and
    is what a small language model gets wrong most often. A program that touches weights itself is left as it is, and
    so is whatever does not parse.
    """
    try:
        tree = parse_program(source)
    except ValueError:
        return source
    if any(isinstance(node, ast.Attribute) and node.attr in _NEEDS_WEIGHTS for node in ast.walk(tree)):
        return source
    classes = _names_of_classes(tree)
    found = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and _is_classifier(node, classes)]
    for call in found:
        assert isinstance(call.func, ast.Attribute)
        call.func.attr = "LazyLinear"
        del call.args[0]
    return tidy(format_tree(tree)) if found else source


def _names_of_classes(tree: ast.Module) -> set[str]:
    """Return how the program writes the number of classes."""
    names = {CLASSES}
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and ast.unparse(node.value) == CLASSES:
            names |= {ast.unparse(target) for target in node.targets}
    return names


def _is_classifier(call: ast.Call, classes: set[str]) -> bool:
    is_linear = isinstance(call.func, ast.Attribute) and call.func.attr == "Linear"
    return is_linear and len(call.args) >= 2 and ast.unparse(call.args[1]) in classes
