"""Which column the text of a hunk begins in, where its signs have a blank behind them or context has lost its sign."""

from collections.abc import Sequence
from dataclasses import replace

from archwright.programs.patching.hunks import HunkLine
from archwright.programs.patching.lines import Lines


def has_spaced_signs(raw: Sequence[str], lines: Lines) -> bool:
    """Return whether all lines of a diff have a blank behind their sign, as `ndiff` writes them: without it a deleted
    line is one of the program. Context alone shows nothing, since it may have been moved."""
    written = [line for line in raw if line[1:].strip() and line[0] in "+- "]
    deleted = [line for line in written if line[0] == "-"]
    return (
        bool(deleted)
        and all(line[1] == " " for line in written)
        and all(lines.has_exactly(line[2:]) and not lines.has_exactly(line[1:]) for line in deleted)
    )


def with_context(hunk: Sequence[HunkLine], lines: Lines) -> list[HunkLine]:
    """Return a hunk with the first blank of context that was taken for a sign, where context has lost its signs: all
    of it is of the program with that blank, while deleted lines are as they stand, or a line has no sign at all."""
    written = [line for line in hunk if not line.is_blank and line.sign != "+"]
    is_shown = any(line.sign == "-" or not line.has_prefix for line in written)
    restored = [replace(line, text=_with_sign(line)) if line.sign == " " else line for line in hunk]
    is_lost = is_shown and all(lines.has_exactly(line.text) for line in restored if line.sign != "+" and line.text)
    return restored if is_lost else list(hunk)


def _with_sign(line: HunkLine) -> str:
    return f" {line.text}" if line.has_prefix and not line.is_blank else line.text
