"""The compact form and the full one, and the ways between them. The candidate's own lines never move."""

import ast
import re
import textwrap

from archwright.contracts.as_run import as_run, bound_names
from archwright.contracts.parse import lines_of, source_lines, tree_of
from archwright.contracts.standard import STANDARD_METHODS, STANDARD_TAIL
from archwright.syntax import syntax_tree

NET = "Net"
"""The class that a program of the kind `network` defines."""
TRAINING_METHODS = ("train_setup", "learn")
HYPERPARAMETERS = "supported_hyperparameters"
_ATTACHMENT = "Net.train_setup, Net.learn = train_setup, learn"
_AS_PARSED = ast.unparse(syntax_tree(_ATTACHMENT))


def is_compact(source: str) -> bool:
    """Return whether `source` parses and its `Net` leaves both training methods to us."""
    tree = tree_of(as_run(source))
    net = find_net(tree) if tree else None
    return tree is not None and net is not None and not _trains_itself(tree, net)


def complete(source: str, methods: str = STANDARD_METHODS) -> str:
    """Return the full form of a program as it is run, with `methods`; a text without a network comes back unchanged.

    Every line of `source` keeps its number: the methods follow the class when nothing else does, and are attached to it
    at the end of the file otherwise.
    """
    source = as_run(source)
    tree = tree_of(source)
    net = find_net(tree) if tree else None
    if tree is None or net is None or _trains_itself(tree, net):
        return source
    own = source if source.endswith("\n") else source + "\n"
    tail = _missing_imports(tree) + ("" if _defines(tree, HYPERPARAMETERS) else "\n\n" + STANDARD_TAIL)
    if tree.body[-1] is net and net.body[0].lineno > net.lineno:
        indent = _indent_of(own, net)
        inside = own + "\n" + textwrap.indent(methods, indent) + tail
        if tree_of(inside) is not None:
            return inside
    return own + "\n\n" + methods + f"\n\n{_ATTACHMENT}\n" + tail


def compact(source: str) -> str | None:
    """Return the compact form of a full program: its training methods and hyper-parameters are dropped.

    None when there is no class `Net` to keep, or when it needs what would be dropped.
    """
    tree = tree_of(source)
    net = find_net(tree) if tree else None
    if tree is None or net is None:
        return None
    dropped: list[ast.stmt] = [node for node in tree.body if _name_of(node) == HYPERPARAMETERS]
    dropped += [node for node in net.body if _name_of(node) in TRAINING_METHODS]
    attachments = [node for node in tree.body if _is_attachment(node)]
    if attachments:
        dropped += attachments + [node for node in tree.body if _name_of(node) in TRAINING_METHODS]
    lines = source_lines(source)
    left_out = {number for node in dropped for number in range(len(lines))[lines_of(node)]}
    kept = "\n".join(line for number, line in enumerate(lines) if number not in left_out)
    text = re.sub(r"\n{4,}", "\n\n\n", kept).strip("\n") + "\n"
    return text if is_compact(text) else None


def find_net(tree: ast.Module) -> ast.ClassDef | None:
    """Return the module-level class `Net`, the last one when there are several."""
    found = [node for node in tree.body if isinstance(node, ast.ClassDef) and node.name == NET]
    return found[-1] if found else None


def lineage(tree: ast.Module, net: ast.ClassDef) -> tuple[list[ast.ClassDef], bool]:
    """Return Net and its bases defined in the file, nearest first, and whether all other bases are plain nn.Module."""
    classes = {node.name: node for node in tree.body if isinstance(node, ast.ClassDef) and node is not net}
    found, queue, is_known = [net], list(net.bases), True
    while queue:
        base = queue.pop(0)
        name = base.id if isinstance(base, ast.Name) else None
        if name in classes:
            local = classes.pop(name)
            found.append(local)
            queue += local.bases
        elif ast.unparse(base) not in ("nn.Module", "torch.nn.Module", "Module", "object"):
            is_known = False
    return found, is_known


def _trains_itself(tree: ast.Module, net: ast.ClassDef) -> bool:
    methods = {name for cls in lineage(tree, net)[0] for node in cls.body for name in bound_names(node)}
    return bool(methods & set(TRAINING_METHODS)) or any(_is_attachment(node) for node in tree.body)


def _is_attachment(node: ast.stmt) -> bool:
    return isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Tuple) and ast.unparse(node) == _AS_PARSED


def _name_of(node: ast.stmt) -> str | None:
    return node.name if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) else None


def _defines(tree: ast.Module, name: str) -> bool:
    return any(_name_of(node) == name for node in tree.body)


def _indent_of(source: str, net: ast.ClassDef) -> str:
    line = source_lines(source)[net.body[0].lineno - 1]
    return line[: len(line) - len(line.lstrip())]


def _missing_imports(tree: ast.Module) -> str:
    imports = [node for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom)]
    bound = {name for node in imports for name in bound_names(node)}
    lines = [line for name, line in (("torch", "import torch"), ("nn", "from torch import nn")) if name not in bound]
    return "".join(f"\n{line}" for line in lines) + ("\n" if lines else "")
