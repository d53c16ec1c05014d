"""A program that goes on in another block: methods of its own, the rest of a class, of a method or of a line."""

import ast
import re
import textwrap
from collections.abc import Sequence

from archwright.contracts.parse import tree_of

MOST_PARTS = 8
"""Blocks that one program is written over, at most."""
_WAYS = (("\n", 0), ("\n", 4), ("\n", 8), ("", 0))
"""What stands between two parts, and the indentation that the second lost."""


def continued(texts: Sequence[str], defines: str) -> list[str] | None:
    """Return `texts` with the parts of the class `defines` made one; None where that makes no whole class of them."""
    header = re.compile(rf"^class {re.escape(defines)}\b.*\n", re.MULTILINE)
    first = next((number for number, text in enumerate(texts) if header.search(text)), None)
    if first is None:
        return None
    program = texts[first]
    for number, text in enumerate(texts[first + 1 : first + MOST_PARTS], first + 1):
        rest = header.sub("", text, count=1)
        ways = [_joined(program, rest, between, margin) for between, margin in _WAYS]
        parsing = [way for way in ways if tree_of(way) is not None]
        if whole := next((way for way in parsing if _is_whole(way, defines)), None):
            return [*texts[:first], whole, *texts[number + 1 :]]
        program = next(iter(parsing), ways[0])
    return None


def rejoined(texts: Sequence[str]) -> list[str]:
    """Return `texts` with those made one of which the later is no Python but goes on where the earlier breaks off: in
    the middle of a line, or within a class and at the margin after it."""
    result = list(texts[:1])
    for number, text in enumerate(texts[1:], start=1):
        before, after = result[-1].rstrip("\n"), text.lstrip("\n")
        if number - len(result) < MOST_PARTS and after and tree_of(textwrap.dedent(text)) is None:
            trees = ((way, tree_of(way)) for way in (before + after, f"{before}\n{after}"))
            parsing = (way for way, tree in trees if tree and not any(map(_takes_self, tree.body)))
            if whole := next(parsing, None):
                result[-1] = whole
                continue
        result.append(text)
    return result


def is_whole(tree: ast.Module, defines: str) -> bool:
    """Return whether the class `defines` of this file has what a network needs, or inherits from another of it."""
    classes = {node.name: node for node in tree.body if isinstance(node, ast.ClassDef)}
    found = classes.get(defines)
    if found is None or any(isinstance(base, ast.Name) and base.id in classes for base in found.bases):
        return True
    return {"__init__", "forward"} <= {node.name for node in found.body if isinstance(node, ast.FunctionDef)}


def _is_whole(source: str, defines: str) -> bool:
    tree = tree_of(source)
    return tree is not None and is_whole(tree, defines)


def _joined(program: str, text: str, between: str, margin: int) -> str:
    lines, text = program.rstrip().split("\n"), text.strip("\n")
    if between and lines[-1].strip() == text.partition("\n")[0].strip():
        lines = lines[:-1]  # The last line of a part is said again.
    return "\n".join(lines) + between + textwrap.indent(text, " " * margin) + "\n"


def as_methods(text: str, tree: ast.Module, block: ast.Module | None, defines: str) -> str | None:
    """Return `text` as it follows the class at the end of `tree` when it begins with methods that it lacks, or None.

    `block` is what it parses to by itself.
    """
    last, is_indented = tree.body[-1], re.match(r"\s*\n?[ \t]+(def|@)", text)
    if not (isinstance(last, ast.ClassDef) and last.name == defines):
        return None
    block = block or (tree_of(textwrap.dedent(text)) if is_indented else None)
    methods = [node for node in block.body if isinstance(node, ast.FunctionDef)] if block else []
    known = {node.name for node in ast.walk(last) if isinstance(node, ast.FunctionDef) and not is_stub(node)}
    if any(node.name in known or is_stub(node) for node in methods):
        return None
    if is_indented:
        return text
    return textwrap.indent(text, "    ") if block and all(map(_takes_self, block.body)) else None


def _takes_self(node: ast.stmt) -> bool:
    return isinstance(node, ast.FunctionDef) and [each.arg for each in node.args.args[:1]] == ["self"]


def is_stub(function: ast.FunctionDef) -> bool:
    """Return whether a body is only `...`, `pass`, a docstring or `return x`, or leaves something out with `...`."""
    given = {each.arg for each in function.args.args}
    body = [node for node in function.body if not _hands_back(node, given)]
    elided = [node for node in body if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)]
    has_dots = any(isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and node.value.value is ...
                   for node in ast.walk(function))  # fmt: skip
    return has_dots or all(node in elided or isinstance(node, ast.Pass) for node in body)


def _hands_back(node: ast.stmt, given: set[str]) -> bool:
    """Return whether a statement returns an argument as it came, as the outline of a network does."""
    return isinstance(node, ast.Return) and isinstance(node.value, ast.Name) and node.value.id in given
