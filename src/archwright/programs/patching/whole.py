"""A whole program in the place of an edit: taken as it stands in the answer, or not at all."""

import ast
import re
from collections.abc import Sequence

from archwright.candidate import Failure
from archwright.contracts.parse import parse
from archwright.programs.extraction import extract_program
from archwright.programs.patching.anew import with_parts_anew
from archwright.programs.patching.blocks import blocks_of
from archwright.programs.patching.explaining import window
from archwright.programs.patching.hunks import Hunk
from archwright.programs.patching.lines import Lines, without_blanks
from archwright.programs.patching.outcome import How, Patched, Reason, Unappliable
from archwright.programs.patching.replacing import NORMAL_DIFF

_LEFT_OUT = re.compile(
    r"(#|\.\.\.|…).{0,40}\b(rest|remain\w*|unchanged|same as|existing|as before|omitted)\b"
    r"|^[^\S\n]*(\.\.\.|…|#\s*\.\.\.)[^\S\n]*$",
    re.IGNORECASE | re.MULTILINE,
)
"""What stands in the place of lines in a program that is not whole."""
_BEGINNING, _COMPARED = 16_000, 4_000
"""Characters of an answer, and lines of the program, that are looked at for what the answer may be about."""
_TAGS = re.compile(r"^(?:<[A-Za-z]\w*(?:\s[^<>]*)?>)+|(?:</[A-Za-z]\w*>|\]\]>)+\s*$")


def whole_program(source: str, answer: str, lines: Lines) -> Patched:
    """Return the program of an answer without any edit, where it can stand in the place of `source`.

    Raises Unappliable where only a part of it could be read: what is left out is not what was meant.
    """
    nothing = no_edit(answer, lines)
    old = parse(source)
    main = _main(old)
    if main is None or _LEFT_OUT.search(answer) or NORMAL_DIFF.search(answer):
        raise nothing
    blocks = blocks_of(answer, lines.has)
    if (program := with_parts_anew(source, blocks, main)) is not None:
        return _finished(source, program, How.SEARCH_REPLACE)
    program = extract_program(answer, main)
    new = parse(program)
    if isinstance(new, Failure) and defines_main(source, answer):
        at = f" (line {new.line} of it)" if new.line else ""
        words = f"the answer holds no edit, and its program does not parse: {new.message}{at}"
        raise Unappliable(Reason.NO_PATCH, words, "answer with a unified diff of the program")
    if not isinstance(new, ast.Module) or not _parts(old, main) <= _parts(new, main):
        raise nothing
    program, holding = _as_written(program, [tuple(line.rstrip("\r") for line in block.lines) for block in blocks])
    if lost := _lost(program, holding, lines):
        words = f"the answer holds no edit, and its program cannot be read: `{lost.strip()[:80]}` does not belong to it"
        raise Unappliable(Reason.NO_PATCH, words, "answer with a unified diff of the program")
    return _finished(source, program, How.WHOLE)


def _finished(source: str, program: str, how: How) -> Patched:
    """Return a program with line ends as those of `source`; raises Unappliable where it is the same."""
    if source.endswith("\n"):
        program = program.rstrip("\n") + "\n"
    if "\r\n" in source:
        program = program.replace("\r\n", "\n").replace("\n", "\r\n")
    if program.rstrip() == source.rstrip():
        raise no_change()
    return Patched(program, how)


def whole_below(source: str, answer: str, changes: Sequence[Hunk], lines: Lines) -> Patched | None:
    """Return the program that follows the edits of an answer and has all of their new lines, and others: they were
    shown for the reader. None where the answer ends otherwise."""
    last = next((block for block in reversed(blocks_of(answer, lines.has)) if block.is_fenced), None)
    if last is None or not last.is_closed or not defines_main(source, "\n".join(last.lines)):
        return None
    written = {without_blanks(line) for line in last.lines}
    if not all(without_blanks(line.text) in written for hunk in changes for line in hunk.added):
        return None
    old, new, main = parse(source), parse("\n".join(last.lines)), _main(parse(source))
    if main is None or _dumped(old) == _dumped(new) or not _parts(old, main) <= _parts(new, main):
        return None
    try:
        return whole_program(source, "\n".join(["```", *last.lines, "```"]), lines)
    except Unappliable:
        return None


def defines_main(source: str, answer: str) -> bool:
    """Return whether an answer has the head of the class that the program is about."""
    main = _main(parse(source))
    return main is not None and re.search(rf"^class {re.escape(main)}\b", answer, re.MULTILINE) is not None


def no_change() -> Unappliable:
    """Return the refusal of an edit that changes nothing."""
    return Unappliable(Reason.NO_CHANGE, "the edit changes nothing", "answer with a diff that changes the program")


def no_edit(answer: str, lines: Lines) -> Unappliable:
    """Return the refusal of an answer without an edit: where it has lines of the program, that they have no signs."""
    remedy = "answer with a unified diff of the program"
    if NORMAL_DIFF.search(answer):
        return Unappliable(Reason.NO_PATCH, "the answer holds a diff as `diff` writes it without -u", remedy)
    beginning = answer[:_BEGINNING]
    said = [n for n, text in enumerate(lines.texts[:_COMPARED]) if len(text.strip()) > 7 and text.strip() in beginning]
    if not said:
        return Unappliable(Reason.NO_PATCH, "the answer holds no edit", remedy)
    remedy += ": `-` before each line to delete, `+` before each to add, a blank before those around them"
    words = f"no sign in the answer says what becomes of line {said[0] + 1} of the program"
    return Unappliable(Reason.NO_PATCH, words, remedy, nearest=window(lines, said[0], 1))


def _as_written(program: str, blocks: Sequence[tuple[str, ...]]) -> tuple[str, Sequence[tuple[str, ...]]]:
    """Return the program as the last block has it that holds it whole, and that block; else as it was read, and all."""
    wanted = _words(program.split("\n"))
    for block in reversed(blocks):
        numbers = [number for number, line in enumerate(block) if _without_tags(line).strip()]
        words = _words(block)
        for start in range(len(words) - len(wanted) + 1):
            if words[start : start + len(wanted)] == wanted:
                lines = block[numbers[start] : numbers[start + len(wanted) - 1] + 1]
                text = "\n".join(map(_without_tags, lines)) + "\n"
                is_same = isinstance(tree := parse(text), ast.Module) and _dumped(tree) == _dumped(parse(program))
                return (text if is_same else program), [block]
    return program, blocks


def _words(lines: Sequence[str]) -> list[str]:
    return [words for line in lines if (words := without_blanks(_without_tags(line)))]


def _without_tags(line: str) -> str:
    return _TAGS.sub("", line)


def _dumped(tree: object) -> str:
    return ast.dump(tree) if isinstance(tree, ast.Module) else ""


def _lost(program: str, blocks: Sequence[tuple[str, ...]], lines: Lines) -> str | None:
    """Return a line beside the program that is code: one of the old program, or indented; None where all is prose."""
    taken = set(_words(program.split("\n")))
    for line in (line for block in blocks for line in block):
        is_code = lines.has(line) or line[:1] in (" ", "\t")
        if line.strip() and without_blanks(_without_tags(line)) not in taken and is_code:
            return line
    return None


def _main(tree: ast.Module | Failure) -> str | None:
    """Return the class that a program is about: `Net`, or its last; None where it has none."""
    if isinstance(tree, Failure):
        return "Net"
    names = [node.name for node in tree.body if isinstance(node, ast.ClassDef)]
    return "Net" if "Net" in names else names[-1] if names else None


def _parts(tree: object, main: str) -> set[str]:
    """Return the name of the class and of those of its methods without which it is a fragment."""
    if not isinstance(tree, ast.Module):
        return {main}
    found = [node for node in tree.body if isinstance(node, ast.ClassDef) and node.name == main]
    methods = {inner.name for node in found for inner in node.body if isinstance(inner, ast.FunctionDef)}
    return {node.name for node in found} | (methods & {"__init__", "forward", "__call__"})
