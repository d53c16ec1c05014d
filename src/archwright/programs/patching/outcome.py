"""What becomes of an edit that a model wrote: applied, and how, or refused, and why."""

from dataclasses import dataclass
from enum import StrEnum


class How(StrEnum):
    """How an edit was applied, the plainest first."""

    EXACT = "exact"
    """A diff whose every hunk stands where it says, character for character."""
    RELOCATED = "relocated"
    """A diff whose line numbers are missing or wrong: its text was found elsewhere, in one place only."""
    WHITESPACE = "whitespace"
    """A diff that differs from the program in white space: indentation, tabs, ends of lines."""
    SEARCH_REPLACE = "search_replace"
    """Blocks of text to search for and to put in its place."""
    WHOLE = "whole"
    """No edit, but a whole program."""


class Reason(StrEnum):
    """Why an edit was refused."""

    NO_PATCH = "no_patch"
    """There is neither a diff nor a block nor a program in the answer."""
    TOO_LONG = "too_long"
    """The answer or the program is longer than anything that is read."""
    CUT_OFF = "cut_off"
    """The answer ends within a hunk."""
    SEVERAL_PATCHES = "several_patches"
    """Alternatives are offered."""
    OTHER_FILE = "other_file"
    """A file is to be made or deleted."""
    MISSING_CONTEXT = "missing_context"
    """What is to be changed does not stand in the program."""
    AMBIGUOUS_CONTEXT = "ambiguous_context"
    """It stands there more than once, and nothing trustworthy says which is meant."""
    NO_CONTEXT = "no_context"
    """Lines are to be added, and nothing but a number says where."""
    OVERLAPPING_HUNKS = "overlapping_hunks"
    """Two hunks change the same lines, or add at the same place."""
    UNCLEAR_INDENTATION = "unclear_indentation"
    """The hunk is indented otherwise than the program, and its new lines could be meant in two ways."""
    NO_CHANGE = "no_change"
    """The program would stay as it is."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the program that was to be patched."""

    number: int
    """From 1."""
    text: str


@dataclass(frozen=True, slots=True)
class Patched:
    """An edit that was applied, whole."""

    source: str
    how: How
    hunks: int = 0
    """Hunks or blocks; 0 for a whole program."""
    added: int = 0
    deleted: int = 0

    @property
    def edited_lines(self) -> int:
        """Lines added and deleted: the length of the edit without its context."""
        return self.added + self.deleted


@dataclass(frozen=True, slots=True)
class Refused:
    """An edit of which nothing was applied."""

    reason: Reason
    what: str
    """What is wrong."""
    remedy: str
    """What whoever wrote the edit can do about it."""
    hunk: int | None = None
    """Which hunk or block, from 1 in the order of the answer; None where it is the answer as a whole."""
    nearest: tuple[Line, ...] = ()
    """The lines of the program that it may have meant."""

    @property
    def message(self) -> str:
        """What is wrong, the nearest lines, and what to do, for a model as well as for a person."""
        quoted = "".join(f"\n{line.number:>5}: {line.text}" for line in self.nearest)
        return f"{self.what}; the nearest lines are{quoted}\n{self.remedy}" if quoted else f"{self.what}; {self.remedy}"


class Unappliable(Exception):
    """Carries a Refused out of the depths of this package; never leaves it."""

    def __init__(
        self, reason: Reason, what: str, remedy: str, hunk: int | None = None, nearest: tuple[Line, ...] = ()
    ) -> None:
        super().__init__(what)
        self.refused = Refused(reason, what, remedy, hunk, nearest)
