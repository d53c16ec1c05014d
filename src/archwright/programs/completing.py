"""What a program forgot and only one thing can mend: nothing that would have to be guessed, no shapes, no layers."""

import ast
import re

from archwright.contracts import STANDARD_TAIL
from archwright.contracts.as_run import last_binding
from archwright.contracts.check import SIGNATURES
from archwright.contracts.form import HYPERPARAMETERS, TRAINING_METHODS, find_net
from archwright.contracts.parse import lines_of, source_lines, tree_of, without
from archwright.programs.traversal import ScopedTransformer

IMPORTS = {
    "torch": "import torch",
    "nn": "import torch.nn as nn",
    "F": "import torch.nn.functional as F",
    "np": "import numpy as np",
    "xrange": "xrange = range  # of Python 2",
} | {
    name: f"from {module} import {name}" if module else f"import {name}"
    for module, names in {
        "": "collections copy enum functools itertools math operator random typing warnings",
        "collections": "OrderedDict defaultdict deque namedtuple",
        "collections.abc": "Callable Iterable Iterator Mapping Sequence",
        "dataclasses": "dataclass field",
        "enum": "Enum",
        "functools": "lru_cache partial reduce wraps",
        "itertools": "chain",
        "torch": "Tensor optim",
        "torch.nn": "Parameter init",
        "torch.nn.utils": "spectral_norm weight_norm",
        "torch.utils.checkpoint": "checkpoint",
        "typing": "Any Dict List Literal NamedTuple Optional Set Tuple Type Union",
    }.items()
    for name in names.split()
}
"""Names that mean the same in every network -> the import that gives them that meaning."""


_LOST_UNDERSCORES = re.compile(r"super\([^()]*\)\.(_?init_?)\(")
"""A constructor as a page shows it that takes the underscores for marks of bold letters."""


def add_missing(source: str) -> str:
    """Return `source` with what it uses and does not define, as far as that is certain; unchanged if nothing is.

    Added are imports of the usual names, at the top or below those of `__future__`, which are brought there, and at the
    end `Net = ...` where the network has another name and `supported_hyperparameters` where `Net` trains itself;
    `super` of a class that does not exist means the one around it, and `super().init()` the constructor. A text that
    does not parse comes back unchanged.
    """
    tree = tree_of(source)
    if tree is None:
        return source
    if (sorted_out := _futures_first(source, tree)) != source:
        return add_missing(sorted_out)
    if name := network_name(tree):
        return add_missing(f"{source.rstrip()}\n\n\nNet = {name}\n")
    if "__init__" not in source and (lost := _LOST_UNDERSCORES.search(source)):
        return add_missing(re.sub(rf"(\bdef |super\([^()]*\)\.){lost[1]}(?=\()", r"\1__init__", source))
    net = find_net(tree)
    methods = {node.name for node in net.body if isinstance(node, ast.FunctionDef)} if net else set()
    has_tail = any(isinstance(node, ast.FunctionDef) and node.name == HYPERPARAMETERS for node in tree.body)
    tail = f"\n\n{STANDARD_TAIL}" if methods.issuperset(TRAINING_METHODS) and not has_tail else ""
    undefined = undefined_names(tree)
    head = "".join(f"{line}\n" for name, line in IMPORTS.items() if name in undefined)
    source = re.sub(r"\bsuper\((\w+), self\)", lambda call: "super()" if call[1] in undefined else call[0], source)
    return below_futures(head, source, tree) + tail


def _futures_first(source: str, tree: ast.Module) -> str:
    """Return `source` with its imports of `__future__` above all other statements, where Python wants them."""
    futures = [node for node in tree.body if _is_future(node)]
    others = [node for node in tree.body if not _is_future(node) and not _is_docstring(node, tree)]
    if not futures or not others or futures[-1].lineno < others[0].lineno:
        return source
    lines = [line for node in futures for line in source_lines(source)[lines_of(node)]]
    rest = without(source_lines(source), futures)
    begin = (tree.body[0].end_lineno or 0) if _is_docstring(tree.body[0], tree) else 0
    above, below = rest.split("\n")[:begin], rest.split("\n")[begin:]
    return "\n".join([*above, *lines, *below]) + "\n"


def _is_future(node: ast.stmt) -> bool:
    return isinstance(node, ast.ImportFrom) and node.module == "__future__"


def _is_docstring(node: ast.stmt, tree: ast.Module) -> bool:
    return node is tree.body[0] and ast.get_docstring(tree, clean=False) is not None


def below_futures(head: str, source: str, tree: ast.Module) -> str:
    """Return `source` with `head` above it, or below the imports of `__future__`, which nothing may precede."""
    futures = [node for node in tree.body if _is_future(node)]
    if not head or not futures:
        return head + source
    lines, end = source_lines(source), futures[-1].end_lineno or 0
    return "".join(f"{line}\n" for line in lines[:end]) + head + "\n".join(lines[end:])


def network_name(tree: ast.Module) -> str | None:
    """Return what the network is called where there is no `Net`: the one class or factory with its arguments that no
    other of them uses."""
    if last_binding(tree, "Net") is not None:
        return None
    found = {node.name: node for node in tree.body if isinstance(node, ast.ClassDef | ast.FunctionDef)}
    found = {name: node for name, node in found.items() if _arguments(node) == SIGNATURES["__init__"]}
    used = {
        inner.id
        for name, node in found.items()
        for inner in ast.walk(node)
        if isinstance(inner, ast.Name) and inner.id != name
    }
    names = [name for name in found if name not in used]
    return names[0] if len(names) == 1 else None


def _arguments(node: ast.ClassDef | ast.FunctionDef) -> tuple[str, ...]:
    """Return the names of the arguments that calling a class or a function takes."""
    if isinstance(node, ast.FunctionDef):
        return tuple(each.arg for each in node.args.args)
    inits = [inner for inner in node.body if isinstance(inner, ast.FunctionDef) and inner.name == "__init__"]
    return tuple(each.arg for each in inits[-1].args.args[1:]) if inits else ()


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

    visits_annotations = True

    def __init__(self, tree: ast.Module) -> None:
        super().__init__(tree)
        self.names: set[str] = set()

    def rename(self, name: str) -> str:
        if self.scope.find(name) is None:
            self.names.add(name)
        return name
