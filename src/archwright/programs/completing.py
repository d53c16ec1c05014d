"""What a program forgot and only one thing can mend: nothing that would have to be guessed, no shapes, no layers."""

import ast

from archwright.contracts import STANDARD_TAIL
from archwright.contracts.form import HYPERPARAMETERS, TRAINING_METHODS, find_net
from archwright.contracts.parse import parse
from archwright.programs.traversal import ScopedTransformer

IMPORTS = {
    "torch": "import torch",
    "nn": "import torch.nn as nn",
    "F": "import torch.nn.functional as F",
    "math": "import math",
    "np": "import numpy as np",
    "OrderedDict": "from collections import OrderedDict",
    "partial": "from functools import partial",
    "Callable": "from collections.abc import Callable",
    "Any": "from typing import Any",
    "Dict": "from typing import Dict",
    "List": "from typing import List",
    "Optional": "from typing import Optional",
    "Tensor": "from torch import Tensor",
    "Tuple": "from typing import Tuple",
    "Type": "from typing import Type",
    "Union": "from typing import Union",
}
"""Names that mean the same in every network -> the import that gives them that meaning."""


def add_missing(source: str) -> str:
    """Return `source` with what it uses and does not define, as far as that is certain; unchanged if nothing is.

    Added are imports of the usual names, at the top, and `supported_hyperparameters` at the end where `Net` trains
    itself. A text that does not parse comes back unchanged.
    """
    tree = parse(source)
    if not isinstance(tree, ast.Module):
        return source
    net = find_net(tree)
    methods = {node.name for node in net.body if isinstance(node, ast.FunctionDef)} if net else set()
    has_tail = any(isinstance(node, ast.FunctionDef) and node.name == HYPERPARAMETERS for node in tree.body)
    tail = f"\n\n{STANDARD_TAIL}" if methods.issuperset(TRAINING_METHODS) and not has_tail else ""
    undefined = undefined_names(tree)
    head = "".join(f"{line}\n" for name, line in IMPORTS.items() if name in undefined)
    return head + source + tail


def undefined_names(tree: ast.Module) -> set[str]:
    """Return the names that no scope around them binds, builtins included; none after `from ... import *`."""
    collector = _UndefinedNames(tree)
    try:
        collector.visit(tree)
    except RecursionError:
        return set()
    has_star = any(alias.name == "*" for node in tree.body if isinstance(node, ast.ImportFrom) for alias in node.names)
    return set() if has_star else collector.names


class _UndefinedNames(ScopedTransformer):
    """Collects the names that no scope around them binds; nothing is changed."""

    def __init__(self, tree: ast.Module) -> None:
        super().__init__(tree)
        self.names: set[str] = set()

    def rename(self, name: str) -> str:
        if self.scope.find(name) is None:
            self.names.add(name)
        return name

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:  # noqa: N802
        arguments = node.args
        parameters = (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, arguments.vararg, arguments.kwarg)
        annotations = [node.returns, *(each.annotation for each in parameters if each is not None)]
        for annotation in annotations:  # Evaluated where the function is defined.
            if annotation is not None:
                self.visit(annotation)
        return super().visit_FunctionDef(node)
