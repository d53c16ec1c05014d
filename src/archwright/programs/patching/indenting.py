"""How the new lines of a hunk are indented when its old lines are indented otherwise than the program.

Models lose and add blanks, and write tabs for blanks, in the context alone or in the whole hunk. What the old lines
show against what stands in the program says which tabs are meant, and by how much a hunk may have been moved; whether
its new lines were moved, too, is decided by what is a program afterwards, and by the lines beside them. Else the hunk
is refused.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from archwright.programs.patching.explaining import window
from archwright.programs.patching.hunks import HunkLine
from archwright.programs.patching.lines import LOOSEST, Lines
from archwright.programs.patching.outcome import Reason, Unappliable
from archwright.programs.patching.placing import Placed

IsProgram = Callable[[Placed, Sequence[str]], bool | None]
"""Whether a hunk with these new lines gives a program; None where that says nothing."""


@dataclass(frozen=True, slots=True)
class _Pair:
    """The indentation of an old line as it is shown and as it stands in the program."""

    shown: str
    real: str
    sign: str
    has_prefix: bool


@dataclass(frozen=True, slots=True)
class _Tabs:
    """What a tab of the hunks is in the program, or the other way round."""

    width: int
    to_tabs: bool
    is_certain: bool = True
    """Whether old lines show it; else it is what the program's own indentation suggests."""

    def convert(self, indent: str) -> str:
        """Return an indentation as the program has it."""
        if not self.to_tabs:
            return indent.replace("\t", " " * self.width)
        tabs, blanks = divmod(len(indent), self.width)
        return "\t" * tabs + " " * blanks


def new_lines(placed: Sequence[Placed], lines: Lines, is_program: IsProgram) -> list[list[str]]:
    """Return the texts that each hunk adds; raises Unappliable where their indentation could be meant in two ways."""
    pairs = [_pairs(each, lines) if each.level == LOOSEST else [] for each in placed]
    tabs = _tabs([pair for each in pairs for pair in each], _unit(lines))
    if tabs is None and any(lines.texts) and not any(text.startswith("\t") for text in lines.texts):
        for each in placed:
            if any(line.text.startswith("\t") for line in each.hunk.added):
                raise _unclear(each.hunk.number, "has tabs where the program has blanks")
    texts: list[list[str]] = []
    for each, shown in zip(placed, pairs, strict=True):
        try:
            texts.append(_of_hunk(each, shown, tabs, is_program))
        except Unappliable as unclear:
            unclear.refused = replace(unclear.refused, nearest=window(lines, each.place, len(each.hunk.old)))
            raise
    return texts


def _pairs(placed: Placed, lines: Lines) -> list[_Pair]:
    there = lines.texts[placed.place : placed.place + len(placed.hunk.old)]
    return [
        _Pair(_indent(line.text), _indent(text), line.sign, line.has_prefix)
        for line, text in zip(placed.hunk.old, there, strict=True)
        if not line.is_blank
    ]


def _tabs(pairs: Sequence[_Pair], unit: int) -> _Tabs | None:
    """Return what the tabs of one side are on the other; None where both indent with the same, or nothing is certain.

    One line alone can be indented wrongly besides: a tab is the program's `unit` of indentation unless two lines agree.
    """
    seen = False
    for to_tabs in (False, True):
        widths: set[int] | None = None
        counts: set[int] = set()
        for pair in pairs:
            with_tabs, with_blanks = (pair.real, pair.shown) if to_tabs else (pair.shown, pair.real)
            if "\t" in with_tabs and "\t" not in with_blanks:
                counts.add(with_tabs.count("\t"))
                seen = seen or not to_tabs
                # The blank before a line of context may have become part of a tab.
                sizes = [len(with_blanks), *([len(with_blanks) + 1] if not (pair.has_prefix or to_tabs) else [])]
                own = [divmod(size - with_tabs.count(" "), with_tabs.count("\t")) for size in sizes]
                whole = {width for width, rest in own if width > 0 and not rest}
                widths = whole if widths is None else widths & whole
            elif pair.shown != pair.real:
                widths = set()
        if widths and (to_tabs or len(counts) > 1 or unit in widths):
            return _Tabs(unit if unit in widths else min(widths), to_tabs)
    return _Tabs(unit, to_tabs=False, is_certain=False) if seen else None


def _unit(lines: Lines) -> int:
    """Return by how many blanks the program indents a block, as a rule."""
    steps: Counter[int] = Counter()
    for one, other in pairwise(text for text in lines.texts if text.strip()):
        if one.rstrip().endswith(":"):
            steps[len(_indent(other)) - len(_indent(one))] += 1
    return max((step for step in steps if step > 0), key=lambda step: steps[step], default=4)


def _of_hunk(placed: Placed, pairs: Sequence[_Pair], tabs: _Tabs | None, is_program: IsProgram) -> list[str]:
    hunk = placed.hunk
    added = [line.text for line in hunk.added]
    if tabs is not None:
        if not tabs.to_tabs and any("\t" in text.lstrip() for text in added):
            raise _unclear(hunk.number, "has tabs where the program has blanks")
        added = [tabs.convert(_indent(text)) + text[len(_indent(text)) :] for text in added]
        pairs = [_Pair(_without_prefix(pair, tabs), pair.real, pair.sign, pair.has_prefix) for pair in pairs]
        if not tabs.is_certain and any(line.text.startswith("\t") for line in hunk.added):
            real = {len(pairs[number].real) for number in _beside(hunk.lines)} if pairs else set()
            if _first_indent(added) in real and is_program(placed, added):
                return added
            raise _unclear(hunk.number, "has tabs where the program has blanks, and not always as many")
    moved = [pair for pair in pairs if pair.shown != pair.real]
    deleted = [pair for pair in pairs if pair.sign == "-"]
    if not moved or not added or (deleted and not any(pair in moved for pair in deleted)):
        return added
    is_framed = hunk.is_replacement and any(line.sign == " " and not line.is_blank for line in hunk.lines)
    shifted = _shifted(added, pairs)
    if is_framed and shifted is not None:  # Both sides show the lines around the new ones, which stand as those do.
        return shifted
    readings = [added]
    for reading in (shifted, _scaled(added, pairs)):
        if reading is not None and reading not in readings:
            readings.append(reading)
    return readings[0] if len(readings) == 1 else _choice(placed, readings, pairs, is_program)


def _without_prefix(pair: _Pair, tabs: _Tabs) -> str:
    shown = tabs.convert(pair.shown)
    return shown[1:] if not pair.has_prefix and len(shown) == len(pair.real) + 1 else shown


def _shifted(added: Sequence[str], pairs: Sequence[_Pair]) -> list[str] | None:
    """Return the new lines moved by as much as all old lines are; None where those differ."""
    shifts = {len(pair.real) - len(pair.shown) for pair in pairs}
    if len(shifts) != 1:
        return None
    shift = shifts.pop()
    blank = "\t" if any("\t" in pair.real for pair in pairs) else " "
    moved = [text if not text.strip() else blank * shift + text if shift > 0 else text[-shift:] for text in added]
    is_possible = shift > 0 or all(len(_indent(text)) >= -shift for text in added if text.strip())
    return moved if is_possible else None


def _scaled(added: Sequence[str], pairs: Sequence[_Pair]) -> list[str] | None:
    """Return the new lines with as many times the blanks as all old lines have in the program; None where none fits."""
    ratios = {len(pair.real) / len(pair.shown) for pair in pairs if pair.shown}
    if len(ratios) != 1 or 0 in ratios or any(pair.real for pair in pairs if not pair.shown):
        return None
    ratio = ratios.pop()
    sizes = [len(_indent(text)) * ratio for text in added]
    if any(size != int(size) for size in sizes):
        return None
    return [" " * int(size) + text.lstrip() if text.strip() else text for size, text in zip(sizes, added, strict=True)]


def _choice(placed: Placed, readings: list[list[str]], pairs: Sequence[_Pair], is_program: IsProgram) -> list[str]:
    """Return the reading that is a program, or that suits the lines beside it, where that is only one.

    Where one tells for the new lines as they are and the other against them, nothing is certain.
    """
    as_written, *others = readings
    verdict = is_program(placed, as_written)
    moved = [reading for reading in others if is_program(placed, reading)]
    first, beside = _first_indent(as_written), _beside(placed.hunk.lines)
    is_shown = first in {len(pairs[number].shown) for number in beside}
    is_real = first in {len(pairs[number].real) for number in beside}
    tells_for, tells_against = is_real and not is_shown, is_shown and not is_real
    if verdict is not False and (tells_for or (verdict and not moved and not tells_against)):
        return as_written
    if len(moved) == 1 and (tells_against or (verdict is False and not tells_for)):
        return moved[0]
    raise _unclear(placed.hunk.number, "is indented otherwise than the program")


def _beside(lines: Sequence[HunkLine]) -> list[int]:
    """Return which of the old lines with text stand directly before and after the first new line with text."""
    written = [line for line in lines if not line.is_blank]
    first = next((number for number, line in enumerate(written) if line.sign == "+"), 0)
    before = sum(line.sign != "+" for line in written[:first])
    return [number for number in (before - 1, before) if 0 <= number < sum(line.sign != "+" for line in written)]


def _first_indent(texts: Sequence[str]) -> int:
    return len(_indent(next((text for text in texts if text.strip()), "")))


def _indent(text: str) -> str:
    return text[: len(text) - len(text.lstrip(" \t"))]


def _unclear(number: int, what: str) -> Unappliable:
    words = f"hunk {number} {what}, and its new lines could be meant in two ways"
    return Unappliable(Reason.UNCLEAR_INDENTATION, words, "copy the indentation of the program exactly", number)
