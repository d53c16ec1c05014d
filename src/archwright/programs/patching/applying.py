"""From an answer to the edited program: everything of it applied, exactly, or nothing."""

import ast
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

from archwright.contracts.parse import parse
from archwright.programs.patching.blocks import blocks_of
from archwright.programs.patching.contextual import as_unified
from archwright.programs.patching.explaining import window
from archwright.programs.patching.hunks import Hunk, HunkLine
from archwright.programs.patching.indenting import new_lines
from archwright.programs.patching.lines import EXACT, Lines
from archwright.programs.patching.outcome import How, Patched, Reason, Refused, Unappliable
from archwright.programs.patching.placing import Placed, place_hunks, refuse_strangers
from archwright.programs.patching.reading import has_headers, made_file, read_hunks
from archwright.programs.patching.replacing import read_json, read_replacements
from archwright.programs.patching.typography import as_typed
from archwright.programs.patching.unwrapping import wrapped
from archwright.programs.patching.whole import defines_main, no_change, whole_below, whole_program

LONGEST_ANSWER = 256 * 1024
"""Characters of an answer that is read."""
LONGEST_SOURCE = 8 * 1024 * 1024
MOST_PARSED = 64
"""Programs that are parsed to see how new lines are indented; each of a few hunks gives three."""


@dataclass(frozen=True, slots=True)
class _Edit:
    """Lines [start, end) of the program give way to `new`."""

    start: int
    end: int
    new: tuple[tuple[str, bool], ...]
    """Text, and whether it was written with a carriage return."""
    hunk: int
    block: int


def apply_patch(source: str, answer: str) -> Patched | Refused:
    """Return `source` with the edit in `answer`, applied exactly and whole, or why it cannot be.

    The edit is a unified diff, in whatever state models leave one, a context diff, or SEARCH/REPLACE blocks, or, where
    there is none, parts of the program written anew, or all of it. No byte outside of the hunks changes, added lines
    end and indent as those beside them do, and what fits in several places, or changes nothing, is refused. The time
    grows linearly with both texts.
    """
    try:
        return _applied(source, answer)
    except Unappliable as refusal:
        return refusal.refused


def _applied(source: str, answer: str) -> Patched:
    if len(answer) > LONGEST_ANSWER or len(source) > LONGEST_SOURCE:
        what, size, limit = ("answer", len(answer), LONGEST_ANSWER)
        if len(source) > LONGEST_SOURCE:
            what, size, limit = ("program", len(source), LONGEST_SOURCE)
        words = f"the {what} has {size:,} characters; the limit is {limit:,}"
        raise Unappliable(Reason.TOO_LONG, words, "answer with a short diff")
    mark = "\ufeff" if source.startswith("\ufeff") else ""
    lines = Lines.of(source.removeprefix(mark))
    answer = as_typed(answer, lines)
    try:
        hunks, replacements = _read(answer, lines)
    except Unappliable as refusal:
        program = made_file(answer) if refusal.refused.reason is Reason.OTHER_FILE else None
        if program is None or not defines_main(source, program):
            raise
        return whole_program(source, program, lines)
    if not hunks and not replacements:
        return whole_program(source, answer, lines)
    if replacements and not any(hunk.old for hunk in replacements) and len(replacements) == 1:
        return whole_program(source, "\n".join(line.text for line in replacements[0].added), lines)
    changes = [hunk for hunk in hunks or replacements if hunk.is_change]
    what = "block" if replacements else "hunk"
    for hunk in hunks:
        if not hunk.is_change:
            refuse_strangers(hunk, lines, what)
    if whole := whole_below(source, answer, changes, lines):
        return whole
    placed = place_hunks(changes, lines, what)
    texts = new_lines(placed, lines, _Parser(lines).is_program)
    edits = _said_once([edit for each, added in zip(placed, texts, strict=True) for edit in _edits(each, added)])
    are_ends_meant = _are_ends_meant(placed, lines)
    patched = mark + _edited(lines, edits, placed, are_ends_meant=are_ends_meant)
    if patched == source:
        raise no_change()
    counts = [sum(line.sign == sign for hunk in changes for line in hunk.lines) for sign in "+-"]
    how = How.SEARCH_REPLACE if replacements else _how(placed, lines)
    return Patched(patched, how, len(changes), *counts)


def _read(answer: str, lines: Lines) -> tuple[list[Hunk], list[Hunk]]:
    """Return the hunks of the diffs in an answer, and those of its blocks to search and replace: one or the other."""
    is_line = "\n" not in answer.strip()  # Then it is no edit as it stands.
    for text in (*wrapped(answer), answer) if is_line else (answer, *wrapped(answer)):
        blocks = [as_unified(block, lines.has) for block in blocks_of(text, lines.has)]
        replacements = read_replacements(text, blocks, lines)
        hunks = [] if replacements and not has_headers(blocks, lines.has) else read_hunks(blocks, lines)
        if replacements and hunks:
            raise Unappliable(Reason.SEVERAL_PATCHES, "the answer holds blocks and a diff", "answer with one diff")
        if replacements or hunks:
            return ([], replacements) if replacements else (hunks, [])
    return [], read_json(answer, lines)


def _how(placed: Sequence[Placed], lines: Lines) -> How:
    if any(each.level > EXACT for each in placed) or not _have_same_ends(placed, lines):
        return How.WHITESPACE
    return How.EXACT if all(each.place == each.hunk.stated for each in placed) else How.RELOCATED


def _edits(placed: Placed, added: Sequence[str]) -> list[_Edit]:
    """Return the runs of a hunk that are no context."""
    edits: list[_Edit] = []
    texts = iter(added)
    start = here = placed.place
    new: list[tuple[str, bool]] = []
    for line in (*placed.hunk.lines, HunkLine(" ", "")):
        if line.sign == "+":
            new.append((next(texts), line.has_return))
        elif line.sign == "-":
            here += 1
        else:
            if new or here > start:
                edits.append(_Edit(start, here, tuple(new), placed.hunk.number, placed.hunk.block))
            here += 1
            start, new = here, []
    return edits


def _said_once(edits: Sequence[_Edit]) -> list[_Edit]:
    """Return edits without those that an earlier block of the answer made already."""
    first: dict[tuple[int, int, tuple[tuple[str, bool], ...]], int] = {}
    return [edit for edit in edits if first.setdefault((edit.start, edit.end, edit.new), edit.block) == edit.block]


def _edited(lines: Lines, edits: Sequence[_Edit], placed: Sequence[Placed], *, are_ends_meant: bool) -> str:
    """Return the program with all edits; raises Unappliable when two of them meet."""
    edits = sorted(edits, key=lambda edit: (edit.start, edit.end))
    _refuse_overlaps(edits, lines)
    texts: list[str] = []
    ends: list[str] = []
    here = 0
    usual = lines.ends[0] or "\n"
    for edit in edits:
        texts += [*lines.texts[here : edit.start], *(text for text, _ in edit.new)]
        ends += lines.ends[here : edit.start]
        for number, (_, has_return) in enumerate(edit.new):
            beside = edit.start + number if edit.start + number < edit.end else max(edit.start, edit.end) - 1
            end = (lines.ends[beside] if beside >= 0 else "") or (ends[-1] if ends else "") or usual
            ends.append(("\r\n" if has_return else "\n") if are_ends_meant else end)
        here = edit.end
    texts += lines.texts[here:]
    ends += lines.ends[here:]
    if not texts:
        return ""
    _set_last_end(texts, ends, placed, lines)
    return "".join(text + (end or usual) for text, end in zip(texts[:-1], ends[:-1], strict=True)) + texts[-1]


def _refuse_overlaps(edits: Sequence[_Edit], lines: Lines) -> None:
    for one, other in pairwise(edits):
        is_same_gap = one.start == one.end == other.start == other.end
        if is_same_gap or other.start < one.end:
            first, second = sorted([one.hunk, other.hunk])
            words = f"hunks {first} and {second} change the same place, at line {other.start + 1}"
            shown = window(lines, other.start, max(one.end, other.end) - other.start)
            raise Unappliable(Reason.OVERLAPPING_HUNKS, words, "put both into one hunk", second, shown)


def _set_last_end(texts: list[str], ends: list[str], placed: Sequence[Placed], lines: Lines) -> None:
    """Give the last line a line break, or take it, where `\\ No newline at end of file` says that this is the edit."""
    for each in placed:
        reaches_end = each.place + len(each.hunk.old) >= len(lines.texts) - 1
        was = any(line.ends_file for line in each.hunk.old)
        becomes = any(line.ends_file for line in each.hunk.lines if line.sign != "-")
        if not reaches_end or was == becomes:
            continue
        if becomes and len(texts) > 1 and not texts[-1]:
            texts.pop()
            ends.pop()
        elif was and (texts[-1] or lines.texts[-1]):
            ends[-1] = ends[-1] or (ends[-2] if len(ends) > 1 else "\n")
            texts.append("")
            ends.append("")


def _have_same_ends(placed: Sequence[Placed], lines: Lines) -> bool:
    """Return whether the old lines of all hunks end as they do in the program."""
    return all(
        line.has_return == (end == "\r\n")
        for each in placed
        for line, end in zip(each.hunk.old, lines.ends[each.place :], strict=False)
        if end
    )


def _are_ends_meant(placed: Sequence[Placed], lines: Lines) -> bool:
    """Return whether carriage returns of new lines are to be taken literally: the diff has lines of both kinds."""
    kinds = {line.has_return for each in placed for line in each.hunk.lines} | {e.hunk.has_return for e in placed}
    return len(kinds - {None}) > 1 and _have_same_ends(placed, lines)


class _Parser:
    """Says whether a program remains one; a limited number of times, as each takes as long as parsing it."""

    def __init__(self, lines: Lines) -> None:
        self._lines, self._left = lines, MOST_PARSED

    def is_program(self, placed: Placed, added: Sequence[str]) -> bool | None:
        """Return whether one hunk with the new lines `added` gives a program; None where that says nothing."""
        self._left -= 1
        if self._left < 0 or not self._was_program:
            return None
        edited = _edited(self._lines, _edits(placed, added), [placed], are_ends_meant=False)
        return isinstance(parse(edited.replace("\r\n", "\n")), ast.Module)

    @cached_property
    def _was_program(self) -> bool:
        return isinstance(parse("\n".join(self._lines.texts)), ast.Module)
