"""From the answer of a model to hunks: unified diffs as people and models write them.

What a line is can depend on the program (a line without a sign is context when it stands there, and prose when not), so
the reader is told which lines it has. Counts in headers are only believed where they agree with what follows.
"""

import re
import warnings
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from archwright.programs.patching.blocks import Block, Known
from archwright.programs.patching.columns import has_spaced_signs, with_context
from archwright.programs.patching.hunks import Hunk, HunkLine
from archwright.programs.patching.lines import LOOSEST, Lines
from archwright.programs.patching.outcome import Reason, Unappliable
from archwright.programs.patching.replacing import NORMAL_DIFF, hunk_line
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
_GUIDE = re.compile(r"^\? [ \t]*[\^+~-][ \t^+~-]*$")
"""A line of `ndiff` that shows where two lines differ."""
_ONE_FILE = re.compile(r"^(?:---|\+\+\+) \S")
_TARGET = re.compile(r"^(?:\+\+\+ |\*\*\* Update File: )(?!/dev/null)(.+)$")
_MAKES = re.compile(r"^(?:--- /dev/null|\*\*\* Add File: )")
_CODE = re.compile(
    r"[\w\])]\s*[-+*/]?=\s*[\w\"'(\[{-]|\w\(.*\)|^\W*(?:return|import|from|def|class|if|for|with)\b.*[\w:)\]]$"
)
"""What sentences seldom have: assignments, calls, statements."""
_LONGEST = 400
"""Characters of a line that are searched for them: a call's end is looked for from each of its beginnings."""
_TAKES_BACK = re.compile(
    r"\b(?:that|this|it|the (?:diff|patch|edit)(?: above)?)(?: is|'s| was) (?:not (?:right|correct)|wrong|incorrect)\b"
    r"|\b(?:corrected|correct|revised|complete|consolidated|combined) (?:unified )?(?:diff|patch|edit)\b"
    r"|\b(?:scratch that|start over|ignore (?:that|(?:the )?(?:above|first|previous)))\b",
    re.IGNORECASE,
)
"""What is said between a diff and the one that takes its place."""
_VERSION = re.compile(r"^\d+\.\d+")
_ALTERNATIVE = re.compile(
    r"\b(alternativ\w*|option|variant|(second|other|another) (diff|patch|version|idea))\b|^or\b", re.I
)


@dataclass(slots=True)
class _Section:
    """A header and the raw lines below it."""

    header: str
    lines: list[str] = field(default_factory=list)
    file: str = ""
    """The name of the file that it changes, without folders; empty where none is given."""
    is_last: bool = False
    """Whether the block, which was never closed, ends here."""


def read_hunks(blocks: Sequence[Block], lines: Lines) -> list[Hunk]:
    """Return the hunks of all diffs of an answer, empty where there is none; raises Unappliable."""
    found = [(block, _unspaced(_sections(block, lines.has), lines)) for block in blocks]
    if any(sections for block, sections in found if block.is_fenced):  # then a list outside of fences is no diff
        found = [(block, each if block.is_fenced or (each and each[0].header) else []) for block, each in found]
    found = found[_last_version([(block, bool(sections)) for block, sections in found]) :]
    holding = [block for block, sections in found if sections]
    if len(holding) > 1:
        _refuse_alternatives(blocks, holding)
    _refuse_several_files([section.file for _, sections in found for section in sections])
    hunks: list[Hunk] = []
    seen: set[tuple[str, ...]] = set()
    for number, (_, sections) in enumerate(found):
        text = tuple(line for section in sections for line in (section.header, *section.lines))
        if text not in seen:  # a model that repeats itself
            seen.add(text)
            for section in sections:
                hunks += [replace(hunk, block=number) for hunk in _hunks(section, len(hunks) + 1, lines)]
    return hunks


def _last_version(blocks: Sequence[tuple[Block, bool]]) -> int:
    """Return from which block on an answer counts: before it stand diffs that it takes back.

    `blocks` are given with whether they hold a diff.
    """
    start, is_known, is_taken_back = 0, False, False
    for number, (block, is_diff) in enumerate(blocks):
        if is_diff:
            start, is_known, is_taken_back = (number if is_taken_back else start), True, False
        elif is_known and not block.is_fenced:
            is_taken_back = is_taken_back or any(_TAKES_BACK.search(line[:_LONGEST]) for line in block.lines)
    return start


def made_file(answer: str) -> str | None:
    """Return the content of the one file that a diff makes and does nothing else; None for any other answer."""
    lines = [line.rstrip("\r") for line in answer.split("\n")]
    made = [number for number, line in enumerate(lines) if _MAKES.match(line)]
    if len(made) != 1:
        return None
    body = [line for line in lines[made[0] + 1 :] if not _HEADER.match(line) and not line.startswith("+++ b/")]
    first = next((number for number, line in enumerate(body) if line.startswith("+") and line[:4] != "+++ "), 0)
    end = next((n for n in range(first, len(body)) if not body[n].startswith("+")), len(body))
    rest = [line for line in (*lines[: made[0]], *body[end:]) if line[:1] in ("+", "-", " ") and line.strip()]
    is_clean = not any(line != "--- /dev/null" and not line.startswith(("+++ ", "- ")) for line in rest)
    return "\n".join(line[1:] for line in body[first:end]) if first < end and is_clean else None


def _unspaced(sections: list[_Section], lines: Lines) -> list[_Section]:
    """Return sections without the blank behind each sign, where all of them have it."""
    if has_spaced_signs([line for section in sections for line in section.lines], lines):
        for section in sections:
            section.lines = [
                line[0] + line[2:] if line[0] in "+- " and line[1:2] == " " else line for line in section.lines if line
            ]
    return sections


def has_headers(blocks: Sequence[Block], known: Known) -> bool:
    """Return whether an answer has headers of hunks that are no lines of the program."""
    return any(line.startswith("@@ -") and not known(line) for block in blocks for line in block.lines)


def _refuse_several_files(files: Sequence[str]) -> None:
    names = list(dict.fromkeys(file for file in files if file))
    if len(names) > 1:
        words = f"the answer changes {len(names)} files, {', '.join(names[:4])}"
        raise Unappliable(Reason.OTHER_FILE, words, "answer with a diff that changes the given program alone")


def _refuse_alternatives(blocks: Sequence[Block], holding: Sequence[Block]) -> None:
    """Refuse an answer that says between its diffs that they are alternatives."""
    first, last = (next(i for i, block in enumerate(blocks) if block is each) for each in (holding[0], holding[-1]))
    for block in blocks[max(0, first - 1) : last]:
        if not block.is_fenced and any(_ALTERNATIVE.search(line) for line in block.lines):
            raise Unappliable(Reason.SEVERAL_PATCHES, "the answer offers alternatives", "answer with one diff")


def _sections(block: Block, known: Known) -> list[_Section]:
    """Return the hunks of a block with their headers, as raw lines."""
    lines = [line for line in _without_margin(list(block.lines)) if not _GUIDE.match(line) or known(line)]
    sections: list[_Section] = []
    before: list[str] = []
    state, file = "outside", ""
    number = 0
    while number < len(lines):
        line, following = lines[number], lines[number + 1] if number + 1 < len(lines) else ""
        if _is_hunk_header(line):
            sections.append(_Section(line, file=file))
            state = "body"
        elif _is_file_header(line, following, known, in_body=state == "body"):
            _refuse_other_files((line, following))
            file = _file_name(following) or file
            number += following.startswith("+++ ")
            state = "header"
        elif _EXTENDED.match(line) and not known(line):
            _refuse_other_files((line,))
            file = _file_name(line) or file
            state = "header" if line.startswith("*** Update") else "outside"
        elif state == "body":
            sections[-1].lines.append(line)
        elif state == "header" and line[:1] in ("+", "-", " "):
            sections.append(_Section("", [line], file))
            state = "body"
        elif not sections:
            before.append(line)
        number += 1
    if not sections and _is_bare(block, lines):
        sections = [_Section("", lines)]
    elif sections and (first := _without_header(block, before, known)):
        sections.insert(0, _Section("", first, sections[0].file))
    if sections and not block.is_closed:
        sections[-1].is_last = True
    return sections


def _without_header(block: Block, before: list[str], known: Known) -> list[str]:
    """Return the lines before the first header that are a hunk themselves; none where they are something else."""
    if not block.is_fenced:
        first = next((n for n in range(len(before), 0, -1) if before[n - 1][:1] not in ("+", "-", " ", "")), 0)
        before = before[first:]
    before = [line for line in before if not _ONE_FILE.match(line) or known(line[1:])]
    is_hunk = any(line[:1] in ("+", "-") for line in before) and any(
        known(line[1:]) for line in before if line[:1] in ("-", " ") and line[1:].strip()
    )
    return before if is_hunk else []


def _file_name(line: str) -> str:
    """Return the name of the file that a header gives, without folders, times and revisions."""
    found = _TARGET.match(line)
    return re.split(r"\t|\s{2,}|\s+[(\d]", found[1].strip())[0].rsplit("/", 1)[-1] if found else ""


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
    if not any(line[0] in "+-" for line in written) or NORMAL_DIFF.search("\n".join(lines)):
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


def _hunks(section: _Section, number: int, program: Lines) -> list[Hunk]:
    """Return the hunk of a section, or its parts where lines are left out with `...`."""
    known = program.has
    header = _HEADER.match(section.header)
    counts = (int(header["olds"] or 1), int(header["news"] or 1)) if header and header["old"] else None
    raw = _body(section.lines, counts, known)
    lines: list[HunkLine] = []
    for text in raw:
        if text.startswith("\\"):
            if lines:
                lines[-1] = replace(lines[-1], ends_file=True)
        elif text[:1] in ("+", "-", " "):
            lines.append(hunk_line(text[0], text[1:]))
        else:
            lines.append(replace(hunk_line(" ", text), has_prefix=False))
    if section.is_last and (_ends_within_a_line(section) or _is_cut(lines, _count(raw), counts)):
        raise Unappliable(Reason.CUT_OFF, f"the answer ends within hunk {number}", "answer with a shorter diff", number)
    heading = re.sub(r"^@.*?@@|^@+", "", section.header).strip() if section.header else ""
    parts: list[list[HunkLine]] = [[]]
    read = with_context(lines, program)
    is_split = counts is None and _is_in_parts(read, program)
    for line in read:
        is_left_out = line.sign == " " and line.text.strip() in ("...", "# ...", "…") and not known(line.text)
        if is_left_out or (is_split and line.is_blank and not line.has_prefix):
            parts.append([])
        else:
            parts[-1].append(line)
    start, new_start = (int(header["old"]), int(header["new"])) if header and header["old"] else (None, None)
    has_return = section.header.endswith("\r") if section.header else None
    is_counted = counts is not None and counts == _count(raw)
    whole = Hunk(number, tuple(parts[0]), start, new_start, is_counted, heading, has_return)
    return [whole, *(Hunk(number, tuple(part), heading=heading) for part in parts[1:])]


def _is_in_parts(lines: Sequence[HunkLine], program: Lines) -> bool:
    """Return whether a hunk stands nowhere as it is, while each of the runs between its blank lines does."""
    runs: list[list[HunkLine]] = [[]]
    for line in lines:
        runs += [[]] if line.is_blank and not line.has_prefix else []
        runs[-1] += [] if line.sign == "+" or (line.is_blank and not line.has_prefix) else [line]
    old = [line for line in lines if line.sign != "+"]
    return len(runs) > 1 and not program.places(old, LOOSEST) and all(program.places(run, LOOSEST) for run in runs)


def _ends_within_a_line(section: _Section) -> bool:
    """Return whether nothing stands below a header, or the last line is no more than some blanks of indentation."""
    return not section.lines or (len(section.lines[-1]) > 1 and not section.lines[-1].strip())


def _is_cut(lines: Sequence[HunkLine], count: tuple[int, int], stated: tuple[int, int] | None) -> bool:
    """Return whether the last hunk of a block without an end may have lost its own."""
    if stated is None:
        return bool(lines) and lines[-1].sign != " "
    return any(a < b for a, b in zip(count, stated, strict=True))


def _body(lines: Sequence[str], counts: tuple[int, int] | None, known: Known) -> list[str]:
    """Return the lines of a hunk without the prose that follows it."""
    least = _complete(lines, counts)
    end = len(lines)
    while end > least and _may_follow(lines, end - 1, known):
        end -= 1
    if not least and (lost := _lost(lines, end)):
        return list(lines[: lost + 1])  # As context, which it is not: so the edit is refused and not half applied.
    if not least:  # what looks like a list directly below a hunk is part of it
        while end < len(lines) and lines[end][:1] in ("+", "-") and not _is_rule(lines, end, known):
            end += 1
    return list(lines[:end])


def _lost(lines: Sequence[str], end: int) -> int | None:
    """Return which line below a hunk that would end at `end` is code whose sign is missing or another character."""
    first = next((number for number in range(end, len(lines)) if lines[number].strip()), None)
    if first is None or not end or (first > end and not lines[end - 1].startswith("-")):
        return None
    is_code = bool(_CODE.search(lines[first][:_LONGEST])) and not _is_prose(lines[first])
    return first if is_code and lines[first][0] not in "+-" else None


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
