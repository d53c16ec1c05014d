"""The program that is patched, as lines of which every byte is kept, and the search for runs of them.

A line ends at `\\n` alone, as for git: form feeds and U+2028 are text. A program that ends with a line break has an
empty line after it, so that the end of the file can be matched and changed like any other line.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from archwright.programs.patching.hunks import HunkLine

MOST_PLACES = 64
"""Places of one hunk that are looked at; more than one is ambiguous already."""


def without_blanks(line: str) -> str:
    """Return `line` with one blank for every run of white space, and none at its edges."""
    return " ".join(line.split())


LEVELS: tuple[Callable[[str], str], ...] = (str, str.rstrip, without_blanks)
"""Ways to compare lines, the strictest first: as they are, without the white space at their end, or without any."""
EXACT, LOOSEST = 0, len(LEVELS) - 1


@dataclass(frozen=True)
class Lines:
    """A text by lines."""

    texts: tuple[str, ...]
    ends: tuple[str, ...]
    """What ends each: a line feed, with a carriage return or without, and nothing for the last."""

    @classmethod
    def of(cls, source: str) -> "Lines":
        """Return the lines of `source`."""
        mark = "\n" if "\n" in source else "\r"  # as before Mac OS X
        *whole, last = source.split(mark)
        texts, ends = [], []
        for line in whole:
            is_long = mark == "\n" and line.endswith("\r")
            texts.append(line[:-1] if is_long else line)
            ends.append("\r\n" if is_long else mark)
        return cls((*texts, last), (*ends, ""))

    @cached_property
    def text(self) -> str:
        """All of them, with a line feed at every end."""
        return "\n".join(self.texts)

    @cached_property
    def _codes(self) -> tuple[tuple[dict[str, str], str], ...]:
        """One character per different line, and the text spelt with them, at each level: `str.find` finds runs."""
        coded = []
        for level in LEVELS:
            codes: dict[str, str] = {}
            coded.append((codes, "".join(codes.setdefault(level(text), chr(len(codes))) for text in self.texts)))
        return tuple(coded)

    def has(self, line: str) -> bool:
        """Return whether `line` is one of these, whatever the white space."""
        return without_blanks(line) in self._codes[LOOSEST][0]

    def has_exactly(self, line: str) -> bool:
        """Return whether `line` is one of these but for white space at its end."""
        return line.rstrip() in self._codes[EXACT + 1][0]

    def places(self, old: Sequence[HunkLine], level: int) -> list[int]:
        """Return where the lines `old` stand together, at most MOST_PLACES indices."""
        codes, text = self._codes[level]
        run = "".join(codes.get(LEVELS[level](line.text), "") for line in old)
        if len(run) < len(old) or not run:
            return []
        found = list(_occurrences(text, run))
        return [place for place in found if not any(line.ends_file for line in old) or self._ends(place, old)] or found

    def stands_at(self, old: Sequence[HunkLine], level: int, place: int) -> bool:
        """Return whether the lines `old` stand together at `place`."""
        same = LEVELS[level]
        there = self.texts[place : place + len(old)] if place >= 0 else ()
        return len(there) == len(old) and all(same(a) == same(b.text) for a, b in zip(there, old, strict=True))

    def _ends(self, place: int, old: Sequence[HunkLine]) -> bool:
        return all(place + number == len(self.texts) - 1 for number, line in enumerate(old) if line.ends_file)

    def numbers(self, line: str) -> list[int]:
        """Return the indices of the lines that are `line` but for white space, at most MOST_PLACES."""
        codes, text = self._codes[LOOSEST]
        code = codes.get(without_blanks(line))
        return [] if code is None else list(_occurrences(text, code))


def _occurrences(text: str, run: str) -> Iterator[int]:
    place = text.find(run)
    for _ in range(MOST_PLACES):
        if place < 0:
            return
        yield place
        place = text.find(run, place + 1)
