"""From the answer of a model to hunks: unified diffs as people and models write them, and blocks to search and replace.

What a line is can depend on the program (a line without a sign is context when it stands there, and prose when not), so
the reader is told which lines it has. Counts in headers are only believed where they agree with what follows.
"""

import re
import warnings
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from archwright.programs.patching.blocks import Block, Known
from archwright.programs.patching.hunks import Hunk, HunkLine
from archwright.programs.patching.outcome import Reason, Unappliable
from archwright.syntax import syntax_tree

_HEADER = re.compile(
    r"^@@?(?=[ @]|$)(?:[ ]*-(?P<old>\d{1,9})(?:,(?P<olds>\d{1,9}))?[ ]+\+(?P<new>\d{1,9})(?:,(?P<news>\d{1,9}))?)?"
)
_ONE_SIGN = re.compile(r"^@ -\d")
_EXTENDED = re.compile(
    r"^(diff --git |diff -|index [0-9a-f]{4,}\.\.|Index: |={60,}$|\*\*\* (Begin|End|Update|Add|Delete|Move)\b"
    r"|(new|deleted) file mode |(old|new) mode |rename (from|to) |similarity index |Binary files )"
)
_MAKES_OR_DELETES = re.compile(r"^(\+\+\+ /dev/null|--- /dev/null|\*\*\* (Add|Delete) File:|(new|deleted) file mode )")
_VERSION = re.compile(r"^\d+\.\d+")
_SEARCH = re.compile(r"^(<{5,9}|-{5,9}) ?(SEARCH|ORIGINAL|OLD)\b.*$")
_DIVIDER = re.compile(r"^={5,9}\s*$")
_REPLACE = re.compile(r"^(>{5,9}|\+{5,9}) ?(REPLACE|UPDATED|NEW)\b.*$")
_ALTERNATIVE = re.compile(
    r"\b(alternativ\w*|option|variant|(second|other|another) (diff|patch|version|idea))\b|^or\b", re.I
)


@dataclass(slots=True)
class _Section:
    """A header and the raw lines below it."""

    header: str
    lines: list[str] = field(default_factory=list)
    is_last: bool = False
    """Whether the block, which was never closed, ends here."""


def read_hunks(blocks: Sequence[Block], known: Known) -> list[Hunk]:
    """Return the hunks of all diffs of an answer, empty where there is none; raises Unappliable."""
    found = [(block, _sections(block, known)) for block in blocks]
    if any(sections for block, sections in found if block.is_fenced):  # then a list outside of fences is no diff
        found = [(block, each) for block, each in found if block.is_fenced or (each and each[0].header)]
    holding = [block for block, sections in found if sections]
    if len(holding) > 1:
        _refuse_alternatives(blocks, holding)
    hunks: list[Hunk] = []
    seen: set[tuple[str, ...]] = set()
    for _, sections in found:
        text = tuple(line for section in sections for line in (section.header, *section.lines))
        if text not in seen:  # a model that repeats itself
            seen.add(text)
            for section in sections:
                hunks += _hunks(section, len(hunks) + 1, known)
    return hunks


def read_replacements(blocks: Sequence[Block]) -> list[Hunk]:
    """Return the SEARCH/REPLACE blocks of an answer as hunks; raises Unappliable for one without an end."""
    hunks: list[Hunk] = []
    part: str | None = None
    old: list[str] = []
    new: list[str] = []
    for line in (line for block in blocks for line in block.lines):
        if part is None:
            if _SEARCH.match(line):
                part, old, new = "old", [], []
        elif part == "old" and _DIVIDER.match(line):
            part = "new"
        elif part == "new" and _REPLACE.match(line):
            hunk = _replacement(len(hunks) + 1, old, new)
            hunks += [] if any(hunk.lines == other.lines for other in hunks) else [hunk]
            part = None
        else:
            (old if part == "old" else new).append(line)
    if part is not None:
        raise Unappliable(Reason.CUT_OFF, "the block has no end", "finish it with >>>>>>> REPLACE", len(hunks) + 1)
    return hunks


def _replacement(number: int, old: list[str], new: list[str]) -> Hunk:
    """Return a hunk with the lines that both sides begin and end with as context."""
    shortest = min(len(old), len(new))
    first = next((i for i in range(shortest) if old[i] != new[i]), shortest)
    last = next((i for i in range(shortest - first) if old[-1 - i] != new[-1 - i]), shortest - first)
    middle = [("-", line) for line in old[first : len(old) - last]] + [
        ("+", line) for line in new[first : len(new) - last]
    ]
    signed = [*((" ", line) for line in old[:first]), *middle, *((" ", line) for line in old[len(old) - last :])]
    return Hunk(number, tuple(_line(sign, text) for sign, text in signed))


def _refuse_alternatives(blocks: Sequence[Block], holding: Sequence[Block]) -> None:
    """Refuse an answer that says between its diffs that they are alternatives."""
    first, last = (next(i for i, block in enumerate(blocks) if block is each) for each in (holding[0], holding[-1]))
    for block in blocks[max(0, first - 1) : last]:
        if not block.is_fenced and any(_ALTERNATIVE.search(line) for line in block.lines):
            raise Unappliable(Reason.SEVERAL_PATCHES, "the answer offers alternatives", "answer with one diff")


def _sections(block: Block, known: Known) -> list[_Section]:
    """Return the hunks of a block with their headers, as raw lines."""
    lines = _without_margin(list(block.lines))
    sections: list[_Section] = []
    state = "outside"
    number = 0
    while number < len(lines):
        line, following = lines[number], lines[number + 1] if number + 1 < len(lines) else ""
        if _is_hunk_header(line):
            sections.append(_Section(line))
            state = "body"
        elif _is_file_header(line, following, known, in_body=state == "body"):
            _refuse_other_files((line, following))
            number += 1
            state = "header"
        elif _EXTENDED.match(line) and not known(line):
            _refuse_other_files((line,))
            state = "header" if line.startswith("*** Update") else "outside"
        elif state == "body":
            sections[-1].lines.append(line)
        elif state == "header" and line[:1] in ("+", "-", " "):
            sections.append(_Section("", [line]))
            state = "body"
        number += 1
    if not sections and _is_bare(block, lines):
        sections = [_Section("", lines)]
    if sections and not block.is_closed:
        sections[-1].is_last = True
    return sections


def _is_hunk_header(line: str) -> bool:
    return line.startswith("@@") or bool(_ONE_SIGN.match(line))


def _is_file_header(line: str, following: str, known: Known, *, in_body: bool) -> bool:
    """Return whether a file's header begins here; in a hunk it may also be the deletion of a line that begins `-- `."""
    if not line.startswith("--- ") or not (following.startswith("+++ ") or _is_hunk_header(following)):
        return False
    return not (in_body and known(line[1:]))


def _refuse_other_files(lines: Sequence[str]) -> None:
    if any(_MAKES_OR_DELETES.match(line) for line in lines):
        raise Unappliable(
            Reason.OTHER_FILE, "the diff makes or deletes a file", "answer with a diff that changes the given program"
        )


def _is_bare(block: Block, lines: Sequence[str]) -> bool:
    """Return whether a block is one hunk without a header: every line has a sign, or the fence says that it is one."""
    written = [line for line in lines if line.strip()]
    if not any(line[0] in "+-" for line in written):
        return False
    if block.is_fenced and (block.info or "").split(" ")[0].lower() in ("diff", "patch", "udiff"):
        return True
    return all(line[0] in "+- \\" for line in written)


def _without_margin(lines: list[str]) -> list[str]:
    """Return `lines` without the indentation that the whole diff has, as in a list or an indented block."""
    header = next((line for line in lines if re.match(r"[ \t]*@@ -\d", line)), None)
    if header is None or header.startswith("@@"):
        return lines
    margin = header[: len(header) - len(header.lstrip())]
    return [line.removeprefix(margin) if line.strip() else line.strip(" \t") for line in lines]


def _hunks(section: _Section, number: int, known: Known) -> list[Hunk]:
    """Return the hunk of a section, or its parts where lines are left out with `...`."""
    header = _HEADER.match(section.header)
    counts = (int(header["olds"] or 1), int(header["news"] or 1)) if header and header["old"] else None
    raw = _body(section.lines, counts, known)
    lines: list[HunkLine] = []
    for text in raw:
        if text.startswith("\\"):
            if lines:
                lines[-1] = replace(lines[-1], ends_file=True)
        elif text[:1] in ("+", "-", " "):
            lines.append(_line(text[0], text[1:]))
        else:
            lines.append(replace(_line(" ", text), has_prefix=False))
    if section.is_last and lines and lines[-1].sign != " " and (counts is None or _count(raw) != counts):
        raise Unappliable(Reason.CUT_OFF, f"the answer ends within hunk {number}", "answer with a shorter diff", number)
    heading = re.sub(r"^@.*?@@|^@+", "", section.header).strip() if section.header else ""
    parts: list[list[HunkLine]] = [[]]
    for line in lines:
        if line.sign == " " and line.text.strip() in ("...", "# ...", "…") and not known(line.text):
            parts.append([])
        else:
            parts[-1].append(line)
    start, new_start = (int(header["old"]), int(header["new"])) if header and header["old"] else (None, None)
    has_return = section.header.endswith("\r") if section.header else None
    is_counted = counts is not None and counts == _count(raw)
    whole = Hunk(number, tuple(parts[0]), start, new_start, is_counted, heading, has_return)
    return [whole, *(Hunk(number, tuple(part), heading=heading) for part in parts[1:])]


def _body(lines: Sequence[str], counts: tuple[int, int] | None, known: Known) -> list[str]:
    """Return the lines of a hunk without the prose that follows it."""
    least = _complete(lines, counts)
    end = len(lines)
    while end > least and _may_follow(lines, end - 1, known):
        end -= 1
    if not least:  # what looks like a list directly below a hunk is part of it
        while end < len(lines) and lines[end][:1] in ("+", "-") and not _is_rule(lines, end, known):
            end += 1
    return list(lines[:end])


def _complete(lines: Sequence[str], counts: tuple[int, int] | None) -> int:
    """Return how many lines the counts of the header ask for; 0 where they cannot be right."""
    if counts is None:
        return 0
    old, new = counts
    for number, line in enumerate(lines):
        if (old, new) == (0, 0):
            return number + 1 if line.startswith("\\") else number
        if not line.startswith("\\"):
            old -= not line.startswith("+")
            new -= not line.startswith("-")
        if old < 0 or new < 0:
            return 0
    return len(lines) if (old, new) == (0, 0) else 0


def _count(lines: Sequence[str]) -> tuple[int, int]:
    lines = [line for line in lines if not line.startswith("\\")]
    return sum(not line.startswith("+") for line in lines), sum(not line.startswith("-") for line in lines)


def _may_follow(lines: Sequence[str], number: int, known: Known) -> bool:
    """Return whether a line may be text below a hunk: blank, or a sentence, or what ends a mail."""
    line = lines[number]
    if not line.strip():
        return not line.startswith(" ")
    if line[0] in "\\ \t":
        return False
    if line[0] not in "+-":
        return not known(line)
    return _is_rule(lines, number, known) or (line[1:2] == " " and not known(line[1:]) and _is_prose(line[1:]))


def _is_rule(lines: Sequence[str], number: int, known: Known) -> bool:
    """Return whether a line is a rule of Markdown, or the signature below a patch in a mail."""
    line = lines[number].rstrip()
    if line == "--":
        return number + 1 < len(lines) and bool(_VERSION.match(lines[number + 1]))
    return len(line) >= 3 and set(line) == {"-"} and not known(line[1:])


def _is_prose(text: str) -> bool:
    """Return whether `text` is a sentence rather than code."""
    words = text.split()
    if len(words) < 3 or sum(word.strip("`'\".,:;()").isalpha() for word in words) < 0.6 * len(words):
        return False
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            syntax_tree(text.strip())
    except (SyntaxError, ValueError):
        return text.rstrip()[-1] not in ":,([{\\"
    return False


def _line(sign: str, text: str) -> HunkLine:
    return HunkLine(sign, text.rstrip("\r"), text.endswith("\r"))
