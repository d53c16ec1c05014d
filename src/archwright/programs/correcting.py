"""A program with what a later block of the same answer puts right: "replace the block by", "instead use"."""

import ast
import re
import textwrap
from collections.abc import Sequence

from archwright.contracts.parse import lines_of, source_lines, tree_of

_WORDS = re.compile(
    r"\b(?:(?:replac|correct|fix|chang|updat|swap|rewrit|revis)\w*|instead|should (?:be|read)|oops|wait|mistake)\b",
    re.IGNORECASE,
)
_FENCE = re.compile(r"^[ \t>]*(?:`{3,}|~{3,}).*$", re.MULTILINE)
_EARLIER = (
    r"original|previous|old(?:er)?|before|parent|baseline|existing|given|provided|starting|initial|current|input|earlier"
    r"|first|un(?:changed|modified|improved|optimi[sz]ed)|outdated|legacy|bad|wrong|incorrect|naive|flawed|buggy|broken"
    r"|failed|rejected|discarded|not (?:working|recommended)|(?:common )?mistake|anti-?pattern|don't"
)
_NOUN = (
    "versions?|code|networks?|programs?|models?|nets?|architecture|design|implementation|class|point|solution|attempt"
    "|draft|try|baseline|parent|example|way|one"
)
_FURTHER = r"was|again|once more|for (?:reference|comparison)|above|you \w+(?: me)?|(?:un|not )changed|\([^()]*\)"
_REFERENCE = re.compile(
    r"^\W*(?:and )?for (?:reference|comparison)\b(?!.*(?:improv|better|final|new|answer))"
    r"|\(for (?:reference|comparison)\)\W*$"
    rf"|^\W*(?:(?:here|this|it|below|compared (?:to|with))(?:'s| is| was)? )?(?:the |your |my )?(?:{_EARLIER})"
    rf"(?: (?:{_EARLIER}))?(?: (?:{_NOUN}))?(?:\W+(?:{_FURTHER}))*\W*$"
    r"|^(?!.*\b(?:fix|improv|replac|better|final|instead|correct(?:ed|ion)|use this))\W*"
    r"(?:(?:an? |the )?(?:bad|wrong|incorrect) (?:example|version|way|code)\b"
    r"|(?:please )?(?:do not|don't|never) (?:use|write|do|submit)\b)"
    r"|^(?!.*\b(?:fix|improv|replac|final|instead|correct|answer|submi|full|complete|whole|entire|together|file))\W*"
    r"(?:alternative(?:ly)?\b\W*(?:\(|you )|another (?:option|possibility)\b|optional(?:ly)?\b|bonus\b"
    r"|you (?:can|could|may|might) (?:also|even)\b|if you (?:have|need|want|prefer|like|wish)\b"
    r"|if\b.*\b(?:variant|version|option|alternative)\b.*\b(?:would|could|might) be\b|for .* at (?:a|the) .*cost\b)",
    re.IGNORECASE,
)
"""The line before a block that is not the answer: what was there before it, what is wrong, what is offered beside."""
_PREFERRED = re.compile(
    r"\((?:recommended|preferred|final|best|my (?:choice|pick|answer))\)|^\W*(?:recommended|preferred)\b", re.IGNORECASE
)
_BEFORE = 600
"""Characters before a block in which it is announced."""
_Definition = ast.ClassDef | ast.FunctionDef


def is_announced_correction(answer: str, block: str) -> bool:
    """Return whether the sentences before a block say that it takes the place of something."""
    position = answer.find(block.strip())
    parts = _FENCE.split(answer[max(0, position - _BEFORE) : max(0, position)])
    return len(parts) > 1 and bool(_WORDS.search(parts[-2]))


def is_for_reference(answer: str, block: str) -> bool:
    """Return whether the words right before a block say that it is what was there before the answer, or beside it."""
    return bool(_REFERENCE.search(_said_before(answer, block)))


def is_preferred(answer: str, block: str) -> bool:
    """Return whether the words right before a block say that of several it is the one to take."""
    return bool(_PREFERRED.search(_said_before(answer, block)))


def _said_before(answer: str, block: str) -> str:
    """Return the last line of what stands between a block and the one before it."""
    position = answer.rfind(block.strip())
    parts = _FENCE.split(answer[max(0, position - _BEFORE) : max(0, position)])
    return parts[-2].strip().split("\n")[-1] if len(parts) > 1 else ""


def names_a_reference(answer: str) -> bool:
    """Return whether any line of an answer could say that what follows is not the answer."""
    return any(_REFERENCE.search(line[-_BEFORE:]) for line in answer.split("\n"))


def corrected(program: str, block: str, defines: str) -> str:
    """Return `program` with the classes, functions and methods that `block` writes anew.

    A class without all methods of the one it stands for replaces those that it has. Where `block` defines nothing of
    `program`, or nothing that parses comes of it, `program` comes back unchanged.
    """
    old, new = tree_of(program), tree_of(textwrap.dedent(block))
    if old is None or new is None:
        return program
    lines, text = source_lines(program), source_lines(textwrap.dedent(block))
    known = {node.name: node for node in old.body if isinstance(node, _Definition)}
    network = known.get(defines)
    edits: list[tuple[int, int, list[str]]] = []
    for node in new.body:
        if not isinstance(node, _Definition):
            continue
        found = known.get(node.name)
        if isinstance(node, ast.ClassDef) and isinstance(found, ast.ClassDef):
            if _methods(found).keys() <= _methods(node).keys():
                edits.append((*_place(found), text[lines_of(node)]))
            else:
                edits += _methods_anew(found, list(_methods(node).values()), text)
        elif found is not None:
            edits.append((*_place(found), text[lines_of(node)]))
        elif isinstance(network, ast.ClassDef) and node.name in _methods(network):
            edits += _methods_anew(network, [node], text)
        else:
            edits.append((_place(next(iter(known.values())))[0],) * 2 + ([*text[lines_of(node)], "", ""],))
    if all(start == end for start, end, _ in edits):
        return program
    for start, end, replacement in sorted(edits, key=lambda edit: edit[:2], reverse=True):
        lines[start:end] = replacement
    result = "\n".join(lines)
    return result if tree_of(result) is not None else program


def _methods_anew(old: ast.ClassDef, methods: Sequence[ast.stmt], text: list[str]) -> list[tuple[int, int, list[str]]]:
    known, indentation = _methods(old), " " * old.body[0].col_offset
    edits = []
    for method in methods:
        assert isinstance(method, ast.FunctionDef)
        written = textwrap.indent(textwrap.dedent("\n".join(text[lines_of(method)])), indentation).split("\n")
        if method.name in known:
            edits.append((*_place(known[method.name]), written))
        else:
            edits.append((_place(old)[1], _place(old)[1], ["", *written]))
    return edits


def _methods(node: ast.ClassDef) -> dict[str, ast.FunctionDef]:
    """Return the methods with a body; one that leaves something out with `...` has none."""
    found = (each for each in node.body if isinstance(each, ast.FunctionDef))
    return {each.name: each for each in found if not any(_is_elision(inner) for inner in ast.walk(each))}


def _is_elision(node: ast.AST) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and node.value.value is ...


def _place(node: _Definition) -> tuple[int, int]:
    place = lines_of(node)
    return place.start, place.stop
