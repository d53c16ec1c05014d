"""Parts of a program that an answer writes anew, without the rest: a class, a function, a method."""

import ast
import textwrap
from collections import Counter
from collections.abc import Sequence

from archwright.contracts.parse import lines_of, source_lines, tree_of
from archwright.programs.completing import below_futures, undefined_names
from archwright.programs.correcting import corrected
from archwright.programs.patching.blocks import Block

_Definition = ast.ClassDef | ast.FunctionDef


def with_parts_anew(source: str, blocks: Sequence[Block], main: str) -> str | None:
    """Return `source` with the definitions that the fenced blocks of an answer write anew, and what these need.

    None where that is not all that they hold, where a method could belong to several classes, and where they can stand
    without the program.
    """
    old = tree_of(source)
    fenced = [block for block in blocks if block.is_fenced]
    texts = [textwrap.dedent("\n".join(block.lines)) for block in fenced]
    trees = [tree for text in texts if (tree := tree_of(text)) is not None]
    if old is None or not trees or len(trees) < len(texts) or not all(block.is_closed for block in fenced):
        return None
    whole = ast.Module([node for tree in trees for node in tree.body], [])
    known = {node.name for node in old.body if isinstance(node, _Definition)}
    owners = Counter(inner.name for each in old.body if isinstance(each, ast.ClassDef) for inner in each.body
                     if isinstance(inner, ast.FunctionDef))  # fmt: skip
    own = {name for name in _methods(old, main) if owners[name] == 1} - known
    if not all(_is_part(node, own) for node in whole.body) or not _leans_on(whole, old, known):
        return None
    names = [node.name for node in whole.body if isinstance(node, _Definition)]
    if len(set(names)) < len(names):
        return None  # A draft and what came of it.
    result = corrected(source, "\n\n\n".join(texts), main)
    imports = [line for text, tree in zip(texts, trees, strict=True) for line in _imports(text, tree)]
    bound = _bound(old)
    missing = [line for line, names in imports if not names <= bound]
    tree = tree_of(result)
    return below_futures("".join(f"{line}\n" for line in missing), result, tree) if tree else None


def _is_part(node: ast.stmt, methods: set[str]) -> bool:
    """Return whether a statement can be put into a program: a definition, an import, one of `methods`."""
    if isinstance(node, ast.FunctionDef):
        return not _takes_self(node) or node.name in methods
    return isinstance(node, ast.Import | ast.ImportFrom | ast.ClassDef)


def _methods(tree: ast.Module, main: str) -> set[str]:
    found = (node for node in tree.body if isinstance(node, ast.ClassDef) and node.name == main)
    return {inner.name for node in found for inner in node.body if isinstance(inner, ast.FunctionDef)}


def _takes_self(node: ast.FunctionDef) -> bool:
    return [each.arg for each in node.args.args[:1]] == ["self"]


def _leans_on(new: ast.Module, old: ast.Module, known: set[str]) -> bool:
    """Return whether the parts need the program: a method of its own, or names that only the program has."""
    definitions = [node for node in new.body if isinstance(node, _Definition)]
    has_method = any(isinstance(node, ast.FunctionDef) and node.name not in known and _takes_self(node)
                     for node in definitions)  # fmt: skip
    has_known = any(node.name in known for node in definitions)
    return has_method or (has_known and bool(undefined_names(new) & _bound(old)))


def _bound(tree: ast.Module) -> set[str]:
    names = {node.name for node in tree.body if isinstance(node, _Definition)}
    names |= {name.id for node in tree.body for name in ast.walk(node) if isinstance(name, ast.Name)
              and isinstance(name.ctx, ast.Store)}  # fmt: skip
    aliases = [alias for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom) for alias in node.names]
    return names | {alias.asname or alias.name.partition(".")[0] for alias in aliases}


def _imports(text: str, tree: ast.Module) -> list[tuple[str, set[str]]]:
    lines = source_lines(text)
    return [
        ("\n".join(lines[lines_of(node)]), {alias.asname or alias.name.partition(".")[0] for alias in node.names})
        for node in tree.body
        if isinstance(node, ast.Import | ast.ImportFrom)
    ]
