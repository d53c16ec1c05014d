"""A hunk as it is read, before anybody knows where it belongs."""

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class HunkLine:
    """One line of a hunk."""

    sign: str
    """` `, `-` or `+`."""
    text: str
    has_return: bool = False
    """Whether it ended with a carriage return."""
    ends_file: bool = False
    """Whether `\\ No newline at end of file` follows."""
    has_prefix: bool = True
    """Whether the sign was written; blank lines and careless writers leave that of context out."""

    @property
    def is_blank(self) -> bool:
        """Whether there is only white space."""
        return not self.text.strip()


@dataclass(frozen=True, slots=True)
class Hunk:
    """A run of lines of the old program, and what becomes of them."""

    number: int
    """Its place in the answer, from 1."""
    lines: tuple[HunkLine, ...]
    start: int | None = None
    """The line of the old program it claims to begin at, from 1."""
    new_start: int | None = None
    has_right_counts: bool = False
    """Whether the header counts the lines that are there: else its numbers are not trusted where they decide."""
    heading: str = ""
    """What follows the second `@@`: a line above the hunk, in which it stands."""
    has_return: bool | None = None
    """Whether the header ended with a carriage return; None where there is none."""
    block: int = 0
    """Which fence or text of the answer it stands in: the same edit in two of them is said twice."""
    is_replacement: bool = False
    """Whether it is a block to search and replace, both sides of which were written whole."""

    @property
    def old(self) -> list[HunkLine]:
        """The lines that must stand in the program."""
        return [line for line in self.lines if line.sign != "+"]

    @property
    def added(self) -> list[HunkLine]:
        """The new lines."""
        return [line for line in self.lines if line.sign == "+"]

    @property
    def stated(self) -> int | None:
        """The index of the line it claims to begin at."""
        if self.start is None:
            return None
        return self.start - 1 if self.old else self.start

    @property
    def is_change(self) -> bool:
        """Whether any line is added or deleted."""
        return any(line.sign != " " for line in self.lines)

    def trimmed(self) -> "Hunk":
        """Return the hunk without the blank lines of context at its edges, which may be mere layout of the answer."""
        first, last = 0, len(self.lines)
        while first < last and _is_blank_context(self.lines[first]):
            first += 1
        while last > first and _is_blank_context(self.lines[last - 1]):
            last -= 1
        start, new_start = (None if line is None else line + first for line in (self.start, self.new_start))
        return replace(self, lines=self.lines[first:last], start=start, new_start=new_start)


def _is_blank_context(line: HunkLine) -> bool:
    return line.sign == " " and line.is_blank
