"""What every operation needs to edit a program: expressions from text, helpers that are added once, places in lists."""

import ast
import copy
import random
from collections.abc import Callable
from itertools import takewhile
from typing import TypeVar

from archwright.programs.layers import layer_name
from archwright.programs.structure import ACTIVATIONS, NORMS, Helper, find_helpers, layer_lists
from archwright.programs.walking import names_in
from archwright.syntax import expression_tree, imported, syntax_tree

_Node = TypeVar("_Node", bound=ast.AST)


def expression(text: str, **parts: ast.expr) -> ast.expr:
    """Return the expression written in `text`, with each name in `parts` replaced by a copy of that expression."""
    filled: ast.expr = _Filler(parts).visit(expression_tree(text))
    return filled


def copied(node: _Node) -> _Node:
    """Return a copy that shares nothing with `node`."""
    return copy.deepcopy(node)


def run_from(layers: list[ast.expr], position: int) -> list[ast.expr]:
    """Return the element at `position`, a convolution with the normalisation and activation that belong to it."""
    first, *rest = layers[position:]
    if layer_name(first) != "Conv2d":
        return [first]
    return [first, *takewhile(lambda element: layer_name(element) in (*NORMS, *ACTIVATIONS), rest)]


def set_given(call: ast.Call, helper: Helper, parameter: str, value: ast.expr) -> None:
    """Call a helper with another `value` for one of its parameters."""
    position = helper.parameters.index(parameter)
    if position < len(call.args):
        call.args[position] = value
    else:
        call.keywords = [keyword for keyword in call.keywords if keyword.arg != parameter]
        call.keywords.append(ast.keyword(parameter, value))


def usual_activation(tree: ast.Module) -> str:
    """Return the activation the program uses first, as the text of a call."""
    names = [name for node in ast.walk(tree) if (name := layer_name(node)) in ACTIVATIONS]
    return f"nn.{names[0] if names else 'ReLU'}()"


def add_class(tree: ast.Module, source: str) -> str:
    """Make sure that a class is defined, and return its name: another one where the program uses it for its own."""
    definition = syntax_tree(source).body[0]
    assert isinstance(definition, ast.ClassDef)
    taken = names_in(tree)
    taken |= {node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.ClassDef)}
    wanted = definition.name
    for name in (wanted, f"{wanted}Block", f"{wanted}Layer", f"{wanted}Module"):
        definition.name = name
        if any(ast.dump(node) == ast.dump(definition) for node in tree.body):
            return name
        if name not in taken:
            break
    first_class = next((at for at, node in enumerate(tree.body) if isinstance(node, ast.ClassDef)), len(tree.body))
    tree.body.insert(first_class, definition)
    return definition.name


def use_nn(tree: ast.Module) -> None:
    """Make sure that the name `nn` is torch.nn."""
    if not any(name == "nn" for node in tree.body for name, _ in imported(node)):
        is_future = bool(tree.body) and isinstance(tree.body[0], ast.ImportFrom) and tree.body[0].module == "__future__"
        tree.body.insert(int(is_future), syntax_tree("import torch.nn as nn").body[0])


def choose_place(
    tree: ast.Module,
    rng: random.Random,
    is_place: Callable[[list[ast.expr], int, dict[str, Helper]], bool],
    lists: list[list[ast.expr]] | None = None,
) -> tuple[list[ast.expr], int, dict[str, Helper]] | None:
    """Return a random position in a random layer list for which `is_place` holds, None when there is none.

    `lists` are the layer lists to look at, all of them unless given.
    """
    helpers = find_helpers(tree)
    places = [
        (layers, position)
        for layers in (layer_lists(tree) if lists is None else lists)
        if not ast.unparse(layers[-1]).endswith("Sigmoid()")  # a gate's own layers are left alone
        for position in range(len(layers))
        if is_place(layers, position, helpers)
    ]
    return (*rng.choice(places), helpers) if places else None


class _Filler(ast.NodeTransformer):
    def __init__(self, parts: dict[str, ast.expr]) -> None:
        self._parts = parts

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return copied(self._parts[node.id]) if node.id in self._parts else node
