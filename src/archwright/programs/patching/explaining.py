"""What a refused hunk may have meant: the nearest lines of the program, and words that let the next try succeed."""

import difflib
from collections import Counter

from archwright.programs.patching.hunks import Hunk, HunkLine
from archwright.programs.patching.lines import Lines
from archwright.programs.patching.outcome import Line, Reason, Unappliable

MOST_LINES = 8
"""Lines that are quoted."""
LONGEST_LINE = 160
"""Characters of each."""
_COMPARED = 4_000
"""Lines that are compared with one that is not there."""


def missing(hunk: Hunk, lines: Lines, what: str = "hunk") -> Unappliable:
    """Return the refusal of a hunk that stands nowhere."""
    old = [line for line in hunk.old if not line.is_blank]
    absent = next((line for line in old if not lines.has(line.text)), None)
    first = _best_place(hunk, lines)
    near = absent.text if absent else ""
    shown = _alike(near, lines) if first is None else window(lines, first, len(hunk.old))
    if _stands(lines, [line for line in hunk.lines if line.sign != "-"]):
        words = f"{what} {hunk.number} seems to be applied already"
    elif absent is not None:
        words = f"{what} {hunk.number}: `{_short(absent.text.strip())}` is not a line of the program"
    else:
        words = f"{what} {hunk.number}: its lines do not stand together in the program"
    remedy = "copy the lines to change, and those around them, exactly as they are"
    return Unappliable(Reason.MISSING_CONTEXT, words, remedy, hunk.number, shown)


def ambiguous(hunk: Hunk, lines: Lines, places: list[int], what: str = "hunk") -> Unappliable:
    """Return the refusal of a hunk that stands in several places."""
    shown = tuple(_line(lines, place) for place in places[:MOST_LINES])
    numbers = ", ".join(str(line.number) for line in shown) + (", ..." if len(places) > len(shown) else "")
    words = f"{what} {hunk.number} fits in {len(places)} places, at lines {numbers}"
    remedy = "add lines around it until it fits in one"
    return Unappliable(Reason.AMBIGUOUS_CONTEXT, words, remedy, hunk.number, shown)


def _best_place(hunk: Hunk, lines: Lines) -> int | None:
    """Return where most of the old lines stand as far from each other as in the hunk; None where none does."""
    votes: Counter[int] = Counter()
    for number, line in enumerate(hunk.old[:200]):
        if not line.is_blank:
            found = lines.numbers(line.text)
            weight = 1_000_000 // (1 + len(found))  # a line that is everywhere says little
            for place in found:
                votes[place - number] += weight
    if not votes:
        return None
    most = max(votes.values())
    claimed = hunk.stated or 0
    return min((place for place, weight in votes.items() if weight == most), key=lambda place: abs(place - claimed))


def _alike(text: str, lines: Lines) -> tuple[Line, ...]:
    """Return the three lines most like `text`, in their order."""
    numbers = {line.strip()[:LONGEST_LINE]: number for number, line in enumerate(lines.texts[:_COMPARED])}
    numbers.pop("", None)
    near = difflib.get_close_matches(text.strip()[:LONGEST_LINE], numbers, n=3, cutoff=0.4)
    return tuple(_line(lines, number) for number in sorted(numbers[line] for line in near))


def window(lines: Lines, first: int, length: int) -> tuple[Line, ...]:
    """Return the lines of the program from `first` on that a refusal quotes."""
    start = max(0, min(first, len(lines.texts) - 1))
    return tuple(_line(lines, n) for n in range(start, min(len(lines.texts), start + min(max(length, 1), MOST_LINES))))


def _line(lines: Lines, number: int) -> Line:
    return Line(number + 1, _short(lines.texts[number]))


def _short(text: str) -> str:
    return text if len(text) <= LONGEST_LINE else text[: LONGEST_LINE - 1] + "…"


def _stands(lines: Lines, new: list[HunkLine]) -> bool:
    return len(new) > 2 and bool(lines.places(new, 0))
