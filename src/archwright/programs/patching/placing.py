"""Where each hunk belongs: found by its text. Line numbers decide only between places with the same text, and only when
those of every hunk are right.

A hunk that could belong in two places is refused, also when one of them fits better and the other differs in just such
white space as models lose: a wrong edit costs more than another try.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from archwright.programs.patching.explaining import ambiguous, missing
from archwright.programs.patching.hunks import Hunk, HunkLine
from archwright.programs.patching.lines import EXACT, LEVELS, LOOSEST, Lines
from archwright.programs.patching.outcome import Reason, Unappliable

_SHORTEST_HEADING = 8


@dataclass(frozen=True, slots=True)
class Placed:
    """A hunk and where it belongs."""

    hunk: Hunk
    place: int
    """The index of its first old line."""
    level: int
    """Which of LEVELS its lines had to be compared with."""


@dataclass(frozen=True, slots=True)
class _FoundHunk:
    """A hunk and where it may belong."""

    hunk: Hunk
    level: int
    places: list[int]


def place_hunks(hunks: Sequence[Hunk], lines: Lines, what: str) -> list[Placed]:
    """Return where each hunk belongs, in their order; raises Unappliable for one that stands nowhere or anywhere."""
    found = [_find(hunk, lines, what) for hunk in hunks]
    if _numbers_hold(found, lines):
        return [Placed(each.hunk, each.hunk.stated or 0, each.level) for each in found]
    equal: dict[tuple[HunkLine, ...], list[_FoundHunk]] = {}
    for each in found:
        equal.setdefault(each.hunk.lines, []).append(each)
    return [Placed(each.hunk, _only_place(each, equal[each.hunk.lines], lines, what), each.level) for each in found]


def refuse_strangers(hunk: Hunk, lines: Lines, what: str) -> None:
    """Raise Unappliable for a hunk without a change that has lines the program does not: its signs may be lost."""
    if any(not line.is_blank and not lines.has(line.text) for line in hunk.old):
        raise missing(hunk, lines, what)


def _find(hunk: Hunk, lines: Lines, what: str) -> _FoundHunk:
    if not any(line.text or line.sign == " " for line in hunk.old) and lines.texts == ("",):
        return _FoundHunk(replace(hunk, start=0), EXACT, [0])
    for variant in (hunk, hunk.trimmed()):
        for level in range(len(LEVELS)):
            if places := lines.places(variant.old, level):
                return _FoundHunk(variant, level, places)
    if not hunk.trimmed().old:
        raise _without_context(hunk, what)
    raise missing(hunk, lines, what)


def _without_context(hunk: Hunk, what: str) -> Unappliable:
    words = f"{what} {hunk.number} has no line of the program, so only a number says where it belongs"
    return Unappliable(Reason.NO_CONTEXT, words, "add three lines of context before and after it", hunk.number)


def _numbers_hold(found: Sequence[_FoundHunk], lines: Lines) -> bool:
    """Return whether every hunk stands where it says, and says of the new program what follows from that."""
    for each in found:
        stated = each.hunk.stated
        if stated is None or not (stated in each.places or lines.stands_at(each.hunk.old, each.level, stated)):
            return False
    if all(len(each.places) == 1 for each in found):
        return True
    grown = 0
    for hunk in sorted((each.hunk for each in found), key=lambda hunk: hunk.start or 0):
        if hunk.new_start is None or hunk.start is None or not hunk.has_right_counts:
            return False
        has_new = any(line.sign != "-" for line in hunk.lines)
        if hunk.new_start + (not has_new) != hunk.start + (not hunk.old) + grown and hunk.new_start:
            return False
        grown += sum((line.sign == "+") - (line.sign == "-") for line in hunk.lines)
    return True


def _only_place(found: _FoundHunk, equal: Sequence[_FoundHunk], lines: Lines, what: str) -> int:
    """Return where a hunk belongs; as many hunks `equal` to it, itself included, as there are places take them all."""
    hunk, level, places = found.hunk, found.level, found.places
    if all(line.is_blank for line in hunk.old):
        if hunk.old and lines.texts == ("",):
            return 0
        raise _without_context(hunk, what)
    if len(places) > 1 and hunk.heading:
        places = [place for place in places if _stands_below(place, hunk.heading, lines)] or places
    if len(places) > 1 and len(equal) == len(places):
        return places[next(number for number, each in enumerate(equal) if each is found)]
    if len(places) > 1:
        raise ambiguous(hunk, lines, places, what)
    if len(found.places) == 1 and (rivals := _rivals(hunk, level, places[0], lines)):
        raise ambiguous(hunk, lines, rivals, what)
    return places[0]


def _rivals(hunk: Hunk, level: int, place: int, lines: Lines) -> list[int]:
    """Return all places of a hunk that fits in one, where white space that is easily lost is all that decides."""
    stated = hunk.stated
    if stated is not None and stated != place and lines.stands_at(hunk.old, LOOSEST, stated):
        return sorted([place, stated])
    written = [line for line in hunk.old if not line.is_blank]
    if level == EXACT and not any(line.text != line.text.rstrip() for line in written):
        places = lines.places(hunk.old, EXACT + 1)
        if len(places) > 1:
            return places
    if level < LOOSEST and len(written) == 1 and written[0].sign == " ":
        places = lines.places(hunk.old, LOOSEST)
        if len(places) > 1:
            return places
    return []


def _stands_below(place: int, heading: str, lines: Lines) -> bool:
    """Return whether the line `heading` begins the block in which `place` is: what git writes after `@@`."""
    words = " ".join(heading.split())
    if len(words) < _SHORTEST_HEADING:
        return False
    margin: int | None = None
    for text in reversed(lines.texts[:place]):
        if not text.strip():
            continue
        indent = len(text) - len(text.lstrip())
        if " ".join(text.split()).startswith(words):
            return margin is None or indent < margin
        margin = indent if margin is None else min(margin, indent)
    return False
