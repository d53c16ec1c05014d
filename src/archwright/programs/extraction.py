"""From the text a model wrote to the program in it: pure text to text, nothing is judged by running it.

A completion is read in several ways, the likeliest first: fenced blocks as CommonMark pairs them, then as careless
writers do, the strings of JSON, what stands outside of fences, what other documents enclose. In the first reading that
holds a block which parses and defines what is asked for, the last such block is the program, together with the blocks
whose names it uses and without what a script does with it. Where no reading holds one, the block that looks most like
the program is kept as it is: `programs.repair` and the checks say what is wrong with it.
"""

import ast
import re
import textwrap
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

from archwright.contracts.as_run import binds_in_branches, bound_names, without_main_block
from archwright.contracts.check import SIGNATURES
from archwright.contracts.form import HYPERPARAMETERS, TRAINING_METHODS
from archwright.contracts.parse import tree_of, without
from archwright.programs.cleaning import between_prose, cleanings, plain, without_prose, without_quotes
from archwright.programs.completing import network_name, undefined_names
from archwright.programs.continuing import as_methods, continued, is_stub, is_whole, rejoined
from archwright.programs.correcting import (
    corrected,
    is_announced_correction,
    is_for_reference,
    is_preferred,
    names_a_reference,
)
from archwright.programs.enclosed import (
    answer_in_json,
    decoded,
    in_latex,
    indented,
    literals,
    quoted,
    strings_of_json,
    unescaped,
)
from archwright.programs.fences import outside, readings
from archwright.programs.thinking import without_thinking
from archwright.programs.trimming import trim
from archwright.programs.unwrapping import unwrapped
from archwright.programs.usage import statements_of_use
from archwright.programs.walking import names_in

LONGEST = 128 * 1024
"""Characters of an answer that are looked at; reading one in every way takes some 40 times as long as parsing it."""
MOST_NAMES = 8
"""Classes and functions of an answer without a `Net` that may be the network under another name."""
_FRAMEWORKS = "flax haiku jax keras mindspore mlx mxnet oneflow paddle tensorflow tinygrad"
_WHOLE = ("__init__", "forward", "__call__")
"""A class that lacks one of these which another block's has is a fragment of it."""


@dataclass(frozen=True, slots=True)
class _Block:
    """A text that parses, and its syntax tree."""

    text: str
    tree: ast.Module


def extract_program(text: str, defines: str = "Net", prompt: str = "") -> str:
    """Return the program in a completion that defines the class `defines`; the text as it is when there is none.

    A block that was never closed (the completion ran out of tokens) counts up to its end. What `prompt` shows is not
    the answer where there is another program.
    """
    program = _extracted(text, defines)
    if (shown := program.strip()) and shown in prompt and shown in text:
        tree = tree_of(other := _extracted(text.replace(shown, ""), defines))
        methods = _methods(tree, defines) if tree is not None and _defines(tree, defines) else set()
        return other if methods is None or methods.issuperset(_WHOLE[:2]) else program
    return program


def _extracted(text: str, defines: str) -> str:
    """Return the program of which the text alone says that it is the answer."""
    text = without_quotes(plain(re.sub("\r\n?", "\n", text.replace("\ufeff", ""))))
    text = text if "\n" in text else re.sub("[\u2028\u2029\x85]|<br ?/?>", "\n", text)
    answer, text = without_thinking(text)[:LONGEST], text[:LONGEST]
    for place in dict.fromkeys((answer, text)):  # A draft is better than nothing.
        for version in dict.fromkeys((*answer_in_json(place, defines), place, unescaped(place), *decoded(place))):
            if program := _defining(version, defines):
                bare = version.strip()  # What is nothing but the program stays as it is: digests depend on it.
                return bare if program.strip("\n") == bare else program
        if defines == "Net" and (program := _named_otherwise(place)):
            return program
        if place != text and trim(begun := _likeliest(place, defines), lambda text: _has_whole(text, defines), defines):
            return begun
    return _likeliest(answer if answer.strip() else text, defines)


def _has_whole(text: str, defines: str) -> bool:
    """Return whether a text parses and has the class with what a network needs."""
    tree = tree_of(text)
    return tree is not None and {*_WHOLE[:2]} <= (_methods(tree, defines) or set())


def _named_otherwise(text: str) -> str | None:
    """Return the program around the last class or factory that takes what a `Net` takes."""
    if not all(argument in text for argument in SIGNATURES["__init__"]):
        return None
    names = re.findall(r"^[ \t]*(?:class|def)[ \t]+(\w+)\b", text, re.MULTILINE)
    for name in list(dict.fromkeys(reversed(names)))[:MOST_NAMES]:
        program = _defining(text, name)
        tree = tree_of(program) if program else None
        if program and tree is not None and network_name(tree) == name:
            return program
    return None


def _defining(text: str, defines: str) -> str | None:
    """Return the program of the first reading of `text` in which one is defined."""
    word = re.compile(rf"(?<![A-Za-z0-9_]){re.escape(defines)}\b")
    if not word.search(text):
        return None
    for is_any in (False, True) if names_a_reference(text) else (True,):  # What is for reference is the last resort.
        for blocks in _readings(text):
            if any(word.search(block) for block in blocks):
                answering = [each for each in blocks if is_any or not is_for_reference(text, each)]
                if program := _joined(answering, defines, text):
                    return program.strip("\n") + "\n"
    return None


def _readings(text: str) -> Iterator[list[str]]:
    """Yield the blocks of `text`, read in one way after the other."""
    yield from readings(text)
    yield list(map(plain, strings_of_json(text)))
    yield in_latex(text)
    yield literals(text)
    for piece in (*outside(text), text):
        if len(re.findall("^class ", piece, re.MULTILINE)) > 1:
            yield between_prose(piece)
        yield [piece]
    yield quoted(text)
    yield indented(text)
    yield between_prose(text)


def _likeliest(text: str, defines: str) -> str:
    """Return what a reader would take for the program where none parses: cut off, or wrongly written."""
    pattern = re.compile(rf"^[^\S\n]*class\s+{re.escape(defines)}\b", re.MULTILINE)
    blocks = next(readings(text))
    defining = [block for block in blocks if pattern.search(block)]
    defining = defining or [part for part in strings_of_json(text) if pattern.search(part)]
    if not defining and not any(block.strip() for block in blocks):
        return without_prose(text).strip()
    if not defining and pattern.search(text) and (found := [part for part in outside(text) if pattern.search(part)]):
        return without_prose(found[-1]).strip()
    return max(defining or blocks, key=len).strip("\n") + "\n"


def _joined(texts: Sequence[str], defines: str, answer: str) -> str | None:
    """Return the last of `texts` that defines the class, with those that belong to it; None when none does.

    `answer` is what they are blocks of: what it announces as a correction of the program is put in its place.
    """
    texts = rejoined(texts)
    blocks = [_parsed(text, defines) for text in texts]
    own = [number for number, block in enumerate(blocks) if block and _defines(block.tree, defines)]
    if not own:
        whole = _parsed("\n\n".join(texts)) if len(texts) > 1 else None
        if whole and _defines(whole.tree, defines):
            return without_main_block(whole.text)
        parts = continued(texts, defines) if len(texts) > 1 else None
        return _joined(parts, defines, answer) if parts else None
    own = [number for number in own if (block := blocks[number]) and not _is_of_another_framework(block)] or own
    own = [number for number in own if not is_for_reference(answer, texts[number])] or own
    own = [number for number in own if is_preferred(answer, texts[number])] or own
    chosen = _last_whole(blocks, own, defines)
    block = blocks[chosen]
    assert block is not None
    if not is_whole(block.tree, defines) and (parts := continued(texts, defines)):
        return _joined(parts, defines, answer)
    for text, other in zip(texts[chosen + 1 :], blocks[chosen + 1 :], strict=True):  # Methods in a fence of their own.
        if (
            methods := as_methods(other.text if other else text, block.tree, other.tree if other else None, defines)
        ) and (longer := _parsed(f"{block.text.rstrip()}\n\n{methods}")):
            block = longer
    program = without_main_block(_with_helpers(block, blocks, chosen, defines))
    for text, later in zip(texts[chosen + 1 :], blocks[chosen + 1 :], strict=True):
        if (later := later or _parsed(textwrap.dedent(text))) and is_announced_correction(answer, text):
            program = corrected(program, later.text, defines)
    tree = tree_of(program)
    if tree is None:
        return program
    used = [*statements_of_use(tree, defines), *_said_again(tree)]
    return _cut(_Block(program, tree), lambda node: node in used).text


def _is_of_another_framework(block: _Block) -> bool:
    """Return whether a block is the network once more for those who do not use torch."""
    imported = {
        (node.module or "" if isinstance(node, ast.ImportFrom) else alias.name).partition(".")[0]
        for node in block.tree.body
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
    }
    return bool(imported & {*_FRAMEWORKS.split()}) and "torch" not in imported


def _said_again(tree: ast.Module) -> list[ast.stmt]:
    """Return all but the first of the repetitions that a program consists of; the last may be cut off."""
    dumped = list(map(ast.dump, tree.body))
    for period in range(1, len(dumped) // 2 + 1):
        is_same = all(dumped[number] == dumped[number - period] for number in range(period, len(dumped) - 1))
        if is_same and ast.unparse(tree.body[-1 - period]).startswith(ast.unparse(tree.body[-1])):
            again = tree.body[period:]
            return again if any(isinstance(node, ast.ClassDef | ast.FunctionDef) for node in again) else []
    return []


def _last_whole(blocks: Sequence[_Block | None], own: Sequence[int], defines: str) -> int:
    """Return the last of the blocks numbered `own` that is no fragment of another."""
    methods = {number: _methods(block.tree, defines) for number in own if (block := blocks[number])}
    essential = {*_WHOLE} & {name for each in methods.values() if each is not None for name in each}
    whole = [number for number in own if methods[number] is None or essential <= (methods[number] or set())]
    return (whole or own)[-1]


def _methods(tree: ast.Module, defines: str) -> set[str] | None:
    """Return the methods with a body of the class; None when it inherits in this file or is an alias or a factory."""
    classes = {node.name: node for node in tree.body if isinstance(node, ast.ClassDef)}
    found = classes.get(defines)
    if found is None or any(isinstance(base, ast.Name) and base.id in classes for base in found.bases):
        return None
    return {node.name for node in found.body if isinstance(node, ast.FunctionDef) and not is_stub(node)}


def _with_helpers(block: _Block, blocks: Sequence[_Block | None], chosen: int, defines: str) -> str:
    """Return `block` with every other block that defines a name it uses and does not define, in their order."""
    others = {number: other for number, other in enumerate(blocks) if other is not None and number != chosen}
    own = {name for other in others.values() for name in _defined(other.tree)}
    block = _cut(block, lambda node: _imports_only(node, own))
    taken: dict[int, _Block] = {}
    wanted = _wanted(block.tree)
    while wanted:
        name = wanted.pop()
        found = [number for number, other in others.items() if name in _bound(other.tree)]
        found = [number for number in found if number < chosen][-1:] or found[:1]
        for number in found:
            if number not in taken:
                taken[number] = _cut(
                    others[number], lambda node: defines in bound_names(node) or _imports_only(node, own)
                )
                wanted |= _wanted(taken[number].tree)
    parts = [taken[number].text if number != chosen else block.text for number in sorted({*taken, chosen})]
    if len(parts) == 1:
        return parts[0]
    text = "\n\n\n".join(part.strip("\n") for part in parts) + "\n"
    futures = re.findall(r"^from __future__ import .*$", text, re.MULTILINE)
    return "\n".join([*futures, re.sub(r"^from __future__ import .*\n", "", text, flags=re.MULTILINE)])


def _defined(tree: ast.Module) -> set[str]:
    return {node.name for node in tree.body if isinstance(node, ast.ClassDef | ast.FunctionDef)}


def _imports_only(node: ast.stmt, names: set[str]) -> bool:
    """Return whether a statement imports what other blocks define, as from the file that they are meant to be."""
    return (
        isinstance(node, ast.ImportFrom)
        and (node.module or "").partition(".")[0] != "torch"
        and all(alias.asname is None and alias.name in names for alias in node.names)
    )


def _wanted(tree: ast.Module) -> set[str]:
    methods = {
        inner.name
        for node in tree.body
        if isinstance(node, ast.ClassDef)
        for inner in node.body
        if isinstance(inner, ast.FunctionDef)
    }
    names = undefined_names(tree)
    if methods.issuperset(TRAINING_METHODS) and HYPERPARAMETERS not in _bound(tree):
        names = names | {HYPERPARAMETERS}
    return names


def _bound(tree: ast.Module) -> set[str]:
    return {name for node in tree.body for name in bound_names(node)}


def _cut(block: _Block, is_doomed: Callable[[ast.stmt], bool]) -> _Block:
    """Return `block` without the statements that `is_doomed` says."""
    doomed = [node for node in block.tree.body if is_doomed(node)]
    if not doomed:
        return block
    text = re.sub("\n{4,}", "\n\n\n", without(block.text.split("\n"), doomed))
    tree = tree_of(text)
    return _Block(text, tree) if tree is not None else block


def _parsed(text: str, defines: str = "") -> _Block | None:
    """Return the first cleaning of `text` that parses, without what only names things that do not exist, and with the
    class `defines` at module level."""
    for candidate in chain([text], cleanings(text)):
        tree = tree_of(candidate)
        if tree is not None:
            opened = unwrapped(candidate, defines)
            found = tree_of(opened) if opened != candidate else None
            return _without_marks(_Block(candidate, tree) if found is None else _Block(opened, found))
    return None


def _without_marks(block: _Block) -> _Block:
    """Return `block` without statements of mere undefined names, which cannot run: `python`, `net.py`, `[CODE]`."""
    doomed = [node for node in block.tree.body if isinstance(node, ast.Expr) and not _has_effect(node)]
    if not doomed:
        return block
    undefined = undefined_names(block.tree)
    return _cut(block, lambda node: node in doomed and bool(undefined & names_in(node)))


def _has_effect(node: ast.Expr) -> bool:
    return any(isinstance(inner, ast.Call | ast.NamedExpr | ast.Await) for inner in ast.walk(node))


def _defines(tree: ast.Module, name: str) -> bool:
    return any(
        binds_in_branches(node, name)
        or (
            name in bound_names(node)
            and not isinstance(node, ast.Import | ast.ImportFrom)
            and not _is_instance(node, name)
        )
        for node in tree.body
    )


def _is_instance(node: ast.stmt, name: str) -> bool:
    """Return whether a statement only uses the class, as in `Net = Net(...)`."""
    value = getattr(node, "value", None)
    return isinstance(value, ast.Call) and isinstance(value.func, ast.Name) and value.func.id == name
