"""Context diffs, what `diff -c` writes: turned into unified ones, of which the rest of this package knows.

Both halves of a hunk have its context, so one that has lost a part is seen by its halves: it is refused, not guessed.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import takewhile

from archwright.programs.patching.blocks import Block, Known
from archwright.programs.patching.outcome import Reason, Unappliable

_OLD = re.compile(r"^\*{3} (\d{1,9})(?:,(\d{1,9}))? \*{3,}\s*$")
_NEW = re.compile(r"^-{3} (\d{1,9})(?:,(\d{1,9}))? -{3,}\s*$")
_RULE = re.compile(r"^\*{7,}(?: .*)?\s*$")
_OLD_FILE = re.compile(r"^\*{3} (?=\S)(?!(?:Begin|End|Update|Add|Delete|Move)\b)")


@dataclass(frozen=True, slots=True)
class _Line:
    sign: str
    """` `, `!`, `-` or `+`."""
    text: str
    ends_file: bool = False


@dataclass(frozen=True, slots=True)
class _Half:
    """The lines of one side of a hunk, and those that it says it has."""

    first: int
    last: int
    lines: tuple[_Line, ...]

    @property
    def lengths(self) -> set[int]:
        """How many lines it may claim: a single number stands for one line, or for none."""
        return {self.last - self.first + 1} | ({0} if self.last == self.first else set())

    @property
    def is_counted(self) -> bool:
        """Whether it has as many lines as it says."""
        return len(self.lines) in self.lengths


def as_unified(block: Block, known: Known) -> Block:
    """Return a block with its context diffs as unified ones; raises Unappliable for one that is not whole."""
    if not any(_OLD.match(line) and not known(line) for line in block.lines):
        return block
    written: list[str] = []
    number = hunk = 0
    while number < len(block.lines):
        line, following = block.lines[number], "".join(block.lines[number + 1 : number + 2])
        if _OLD.match(line) and not known(line):
            hunk += 1
            number, lines = _hunk(block, number, hunk, known)
            written += lines
            continue
        if _OLD_FILE.match(line) and following.startswith("--- ") and not known(line):
            written += [f"--- {line[4:]}", f"+++ {following[4:]}"]
            number += 1
        elif hunk and _is_rule(line) and not _OLD.match(following):
            raise _broken(hunk + 1, "nothing stands below its rule")
        elif not _RULE.match(line) or known(line):
            written.append(line)
        number += 1
    return replace(block, lines=tuple(written))


def _hunk(block: Block, start: int, hunk: int, known: Known) -> tuple[int, list[str]]:
    """Return where the hunk that begins at `start` ends, and its lines in a unified diff."""
    end, old = _half(block.lines, start, _OLD, "-")
    while end < len(block.lines) and not block.lines[end].strip():
        end += 1
    if end == len(block.lines) or not _NEW.match(block.lines[end]):
        raise _broken(hunk, "the line `--- FIRST,LAST ----` above its new lines is missing")
    end, new = _half(block.lines, end, _NEW, "+")
    following = (block.lines[number] for number in range(end, len(block.lines)))
    rest = list(takewhile(lambda line: not _begins(line), following))
    if any(line.strip() and (block.is_fenced or line[:2] in ("! ", "+ ") or known(line)) for line in rest):
        raise _broken(hunk, f"`{next(filter(str.strip, rest)).strip()[:80]}` does not belong to it")
    if len(new.lines) < min(new.lengths) and new.lines and (new.lines[-1].sign != " " or not block.is_closed):
        raise _broken(hunk, "its last lines are missing")
    header = "@@"
    if old.is_counted and new.is_counted and old.lines and new.lines:
        header = f"@@ -{old.first},{len(old.lines)} +{new.first},{len(new.lines)} @@"
    return end + len(rest), [header, *_merged(_shared(old, new, hunk), _shared(new, old, hunk), hunk)]


def _half(lines: Sequence[str], start: int, header: re.Pattern[str], sign: str) -> tuple[int, _Half]:
    """Return where a half ends, and what it is."""
    found = header.match(lines[start])
    assert found
    first, last = int(found[1]), int(found[2] or found[1])
    read: list[_Line] = []
    end = start + 1
    for line in (lines[number] for number in range(end, len(lines))):
        if line.startswith("\\") and read:
            read[-1] = replace(read[-1], ends_file=True)
        elif line[:2] in ("  ", "! ", f"{sign} ") or line.rstrip() in ("!", sign):
            read.append(_Line(line[0], line[2:]))
        elif not line.strip():  # a blank line of context without its blanks
            read.append(_Line(" ", line.lstrip(" ")))
        else:
            break
        end += 1
    while len(read) > last - first + 1 and _is_layout(read[-1]):
        read.pop()
    return end, _Half(first, last, tuple(read))


def _is_layout(line: _Line) -> bool:
    return line.sign == " " and not line.text.strip()


def _begins(line: str) -> bool:
    return _is_rule(line) or bool(_OLD.match(line) or _OLD_FILE.match(line))


def _is_rule(line: str) -> bool:
    """Return whether a line stands between two hunks, or is what is left of one that was cut off."""
    return bool(_RULE.match(line)) or set(line.strip()) == {"*"}


def _shared(half: _Half, other: _Half, hunk: int) -> tuple[_Line, ...]:
    """Return the lines of a half; where nothing of it changes it may be left out, and has the context of the other."""
    if half.lines or not other.lines:
        return half.lines
    context = tuple(line for line in other.lines if line.sign == " ")
    if any(line.sign == "!" for line in other.lines) or len(context) not in half.lengths:
        raise _broken(hunk, "one of its halves is not there")
    return context


def _merged(old: Sequence[_Line], new: Sequence[_Line], hunk: int) -> Iterator[str]:
    """Yield the lines of a unified hunk: between lines of context, which both halves have, the old before the new."""
    old_runs, new_runs = _runs(old), _runs(new)
    if [run[-1] for run in old_runs] != [run[-1] for run in new_runs]:
        raise _broken(hunk, "its two halves have different context")
    for (*deleted, context), (*added, _) in zip(old_runs, new_runs, strict=True):
        if any(line.sign == "!" for line in deleted) != any(line.sign == "!" for line in added):
            raise _broken(hunk, "a line marked with `!` has no counterpart")
        for sign, line in (*(("-", each) for each in deleted), *(("+", each) for each in added), (" ", context)):
            if line is not _END:
                yield sign + line.text
                yield from ["\\ No newline at end of file"] * line.ends_file


_END = _Line(" ", "", ends_file=True)
"""Stands behind the last line of a half."""


def _runs(lines: Sequence[_Line]) -> list[list[_Line]]:
    """Return the lines in runs, each of which ends with its only line of context."""
    runs: list[list[_Line]] = [[]]
    for line in lines:
        runs[-1].append(line)
        if line.sign == " ":
            runs.append([])
    runs[-1].append(_END)
    return runs


def _broken(hunk: int, what: str) -> Unappliable:
    remedy = "answer with a unified diff: each changed line once with `-` and once with `+`"
    return Unappliable(Reason.CUT_OFF, f"hunk {hunk} of the context diff is not whole: {what}", remedy, hunk)
