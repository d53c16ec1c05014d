"""A grammar of the diffs of one program, for models that are held to a form while they write."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

MOST_LINES = 400
"""Of a program; the grammar of a longer one would be slow to follow."""
LINES = {"KEPT": " ", "OLD": "-"}
"""Terminals of a line of the program, and how it is marked in a diff."""
_HEAD = r"""
start: "```diff\n" NAMES? "@@" NUMBERS? "\n" s0
NAMES: /--- [^\n]{1,80}\n\+\+\+ [^\n]{1,80}\n/
NUMBERS: / -[0-9]{1,5}(,[0-9]{1,5})? \+[0-9]{1,5}(,[0-9]{1,5})? @@/
NEW: /\+([^\n]*[^ \t\n])?\n/
"""


def diff_grammar(source: str) -> str:
    """Return a grammar (Lark's syntax, as llguidance reads it) of fenced diffs that apply to `source`; empty for none.

    Every context and deleted line is one of the program, in its order, and a hunk names as many as occur in one place
    only. New lines are free: that one differs from the line whose place it takes is left to whoever draws, since a
    model that may not repeat a line is driven to the end of it and adds nonsense there (docs/log.md). Empty where a
    program is too long or no line of it can be told from the others.
    """
    lines = source.removesuffix("\n").split("\n")
    if len(lines) > MOST_LINES:
        return ""
    return _Grammar(lines).text()


@dataclass(frozen=True, slots=True)
class _HunkState:
    """What was read of a hunk; the next line of the program is number `line`."""

    kind: str
    """first: nothing yet | before: no change yet | changed: a change, and perhaps lines behind it | added: a new line,
    behind which nothing is deleted, since git writes what is deleted first."""
    line: int
    needed: int
    """Lines of the program that the hunk still has to name before its place is certain."""

    @property
    def rule(self) -> str:
        return f"{self.kind}_{self.line}_{self.needed}"


class _Grammar:
    """A finite automaton over lines, written as a right-linear grammar."""

    def __init__(self, lines: Sequence[str]) -> None:
        self._lines = lines
        self._numbers = {text: number for number, text in enumerate(dict.fromkeys(lines))}
        self._waiting: list[_HunkState] = []
        self._seen: set[_HunkState] = set()

    def text(self) -> str:
        rules = [_HEAD, *self._starts()]
        if not self._waiting:
            return ""
        while self._waiting:
            state = self._waiting.pop()
            rules.append(f"{state.rule}: {' | '.join(self._alternatives(state))}")
        for text, number in self._numbers.items():
            rules += [f"{name}{number}: {json.dumps(f'{sign}{text}' + chr(10))}" for name, sign in LINES.items()]
        return "\n".join(rules) + "\n"

    def _starts(self) -> Iterator[str]:
        """Yield the rules of where a hunk may begin at or behind a line: `s<line>` for each."""
        needed = [_needed(self._lines, start) for start in range(len(self._lines))]
        last = max((start for start, lines in enumerate(needed) if lines is not None), default=-1)
        for start, lines in enumerate(needed[: last + 1]):
            here = [self._rule(_HunkState("first", start, lines))] if lines is not None else []
            yield f"s{start}: {' | '.join([*here, *([f's{start + 1}'] if start < last else [])])}"
        self._last = last

    def _alternatives(self, state: _HunkState) -> Iterator[str]:
        """Yield what may follow in a state."""
        is_changed = state.kind in ("changed", "added")
        rest = max(0, state.needed - 1)
        if state.line < len(self._lines):
            number = self._numbers[self._lines[state.line]]
            kept = _HunkState("changed" if is_changed else "before", state.line + 1, rest)
            yield f"KEPT{number} {self._rule(kept)}"
            if state.kind != "added":
                yield f"OLD{number} {self._rule(_HunkState('changed', state.line + 1, rest))}"
        if state.kind != "first":
            yield f"NEW {self._rule(_HunkState('added', state.line, state.needed))}"
        if is_changed and not state.needed:
            yield '"```"'
            if state.line <= self._last:
                yield f'"@@" NUMBERS? "\\n" s{state.line}'

    def _rule(self, state: _HunkState) -> str:
        if state not in self._seen:
            self._seen.add(state)
            self._waiting.append(state)
        return state.rule


def _needed(lines: Sequence[str], start: int) -> int | None:
    """Return how many lines from `start` on occur in no other place; None where even all of them do.

    White space at their ends tells no two places apart, since models lose it, and blank lines alone are no place.
    """
    words = [line.strip() for line in lines]
    others = [other for other in range(len(words)) if other != start]
    for end in range(start, len(words)):
        behind = end - start
        others = [other for other in others if words[other + behind : other + behind + 1] == [words[end]]]
        if not others and any(words[start : end + 1]):
            return behind + 1
    return None
