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
_EARLIER = re.compile(
    r"original|previous(?:ly)?|old(?:er)?|before|parent|baseline|existing|given|provided|start(?:ing|ed)|initial|current"
    r"|input|earlier|first|was|un(?:changed|modified|improved|optimi[sz]ed)|outdated|legacy|deprecated|bad|wrong"
    r"|incorrect|naive|flawed|buggy|broken|failed|failing|rejected|discarded|mistakes?|anti-?pattern|don't"
    r"|reminder|replaces|not|versus|vs|template|skeleton|interface|avoid"
)
_BESIDE_IT = re.compile(
    r"an?|the|your|my|this|that|it|its|here|is|were|been|we|you|i|me|us|and|for|to|with|of|in|there|from|as|by|what|which"
    r"|gave|got|had|began|begun|below|above|again|once|more|compared?|appendix|recall|note|changed?|common|working"
    r"|recommended|do|use|shared|reference|comparison|context|accuracy|versions?|code|networks?|programs?|models?|nets?"
    r"|architecture|design|implementation|class|file|point|solution|attempt|draft|try|example|way|one"
)
"""Words that stand beside those of `_EARLIER` where a line says no more than that; any other word says what is new."""
_IS_NEW = r"(?!.*(?:fix|improv|replac|better|final|new|answer|submi|correct(?:ed|ion)|use this))"
_IS_WHOLE = r"(?!.*\b(?:full|complete|whole|entire|together|file|instead)\b)"
_ASIDE = re.compile(
    rf"^{_IS_NEW}(?:"
    r".*\bfor (?:reference|comparison)\b"
    rf"|{_IS_WHOLE}\W*(?:(?:an? |the )?(?:bad|wrong|incorrect) (?:example|version|way|code)\b"
    r"|(?:please )?(?:do not|don't|never) (?:use|write|do|submit)\b"
    r"|alternative(?:ly)?\b\W*(?:\(|you )|another (?:option|possibility)\b|bonus\b|fallback\b|extension\b"
    r"|(?:possible|other|further) (?:variant|variation|extension|idea|option)s?\b"
    r"|as an? (?:exercise|experiment)\b|(?:code )?before \w+\W*$|for .* at (?:a|the) .*cost\b"
    r"|for (?:other|low|limited|smaller|larger|quick|debugging|testing)\b)"
    rf"|{_IS_WHOLE}.*(?:\boptional|\b(?:you|one) (?:could|may|might|can (?:also|even|try|experiment))\b"
    r"|\bwe (?:could|can) also\b|\bif you (?:prefer|want|need|have)\b|\bfeel free\b))"
    r"|^(?!.*\b(?:we|full|complete|whole|entire|together)\b)\W*"
    r"(?:if (?!i\b|you run (?:this|it)\b)|in case\b|should (?!be|read))"
)
"""What is wrong, or what is offered beside the answer, by choice or under a condition."""
_OFFERS_INSTEAD = re.compile(
    r"\b(?:can|could|may|might|prefer|consider|experiment|swap in)\b|^\W*(?:to (?:use|try)|tip)\b"
)
"""What may stand before a part of the program that is meant for those who want it otherwise."""
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
    if len(parts) < 2 or not _WORDS.search(parts[-2]):
        return False
    last = re.split(r"[.!?]\s+", _last_line(parts[-2]))[-1].lower()
    return not (_OFFERS_INSTEAD.search(last) or _is_aside(last))


def is_for_reference(answer: str, block: str) -> bool:
    """Return whether the words right before a block say that it is what was there before the answer, or beside it."""
    return _is_aside(_said_before(answer, block))


def _is_aside(line: str) -> bool:
    """Return whether a line says of what follows that it was there before, is wrong or is for those who want it."""
    line = line.lower().replace("\u2019", "'")
    if _ASIDE.search(line):
        return True
    words = re.findall(
        r"[^\W\d_][\w'-]*", re.sub(r"\binstead of\b|\brather than\b", "previous", re.sub(r"'s\b", "", line))
    )
    said = [word for word in words if not _BESIDE_IT.fullmatch(word)]
    is_earlier = bool(said) and all(map(_EARLIER.fullmatch, said))
    return is_earlier and not re.search(r"\ban original\b|\b(?:that|it) was \w+\W*$", line)


def is_preferred(answer: str, block: str) -> bool:
    """Return whether the words right before a block say that of several it is the one to take."""
    return bool(_PREFERRED.search(_said_before(answer, block)))


def _said_before(answer: str, block: str) -> str:
    """Return the last line of what stands between a block and the one before it, or the heading above a sentence."""
    position = answer.rfind(block.strip())
    parts = _FENCE.split(answer[max(0, position - _BEFORE) : max(0, position)])
    if len(parts) < 2:
        return ""
    headings, line = re.findall(r"^#{1,6} .*$", parts[-2], re.MULTILINE), _last_line(parts[-2])
    return headings[-1] if headings and line.endswith(".") else line


def _last_line(text: str) -> str:
    return text.strip().split("\n")[-1]


def names_a_reference(answer: str) -> bool:
    """Return whether any line of an answer could say that what follows is not the answer."""
    return any(_is_aside(line[-_BEFORE:]) for line in answer.split("\n"))


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
