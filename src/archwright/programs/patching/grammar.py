"""A grammar of the diffs of one program, for models that are held to a form while they write."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

CONTEXT = {"before": 3, "after": 6}
"""Unchanged lines before the first change and behind one, where no more are needed to find the place; git joins hunks
that are up to six lines apart."""
LONGEST_RUN = 12
"""Lines deleted in one place."""
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
class _State:
    """What was read of a hunk; the next line of the program is number `line`."""

    kind: str
    """before: no change yet | deleted: nothing in their place yet | added: a new line | after: context."""
    line: int
    needed: int
    """Lines of the program that the hunk still has to name before its place is certain."""
    count: int = 0
    """Lines of this kind so far: context since the last change or the beginning, or deleted ones."""

    @property
    def rule(self) -> str:
        return f"{self.kind}_{self.line}_{self.needed}_{self.count}"


class _Grammar:
    """A finite automaton over lines, written as a right-linear grammar."""

    def __init__(self, lines: Sequence[str]) -> None:
        self._lines = lines
        self._numbers = {text: number for number, text in enumerate(dict.fromkeys(lines))}
        self._waiting: list[_State] = []
        self._seen: set[_State] = set()

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
            here = [self._rule(_State("before", start, lines))] if lines is not None else []
            yield f"s{start}: {' | '.join([*here, *([f's{start + 1}'] if start < last else [])])}"
        self._last = last

    def _alternatives(self, state: _State) -> Iterator[str]:
        """Yield what may follow in a state."""
        context = "before" if state.kind == "before" else "after"
        kept, deleted = (state.count if state.kind == kind else 0 for kind in (context, "deleted"))
        rest = max(0, state.needed - 1)
        if state.line < len(self._lines):
            number = self._numbers[self._lines[state.line]]
            if kept < CONTEXT[context] or state.needed:
                following = _State(context, state.line + 1, rest, min(kept + 1, CONTEXT[context]))
                yield f"KEPT{number} {self._rule(following)}"
            if state.kind != "added" and deleted < LONGEST_RUN:
                yield f"OLD{number} {self._rule(_State('deleted', state.line + 1, rest, deleted + 1))}"
        if state.kind != "before" or kept:
            yield f"NEW {self._rule(_State('added', state.line, state.needed))}"
        if state.kind != "before" and not state.needed:
            yield '"```"'
            if state.line <= self._last:
                yield f'"@@" NUMBERS? "\\n" s{state.line}'

    def _rule(self, state: _State) -> str:
        if state not in self._seen:
            self._seen.add(state)
            self._waiting.append(state)
        return state.rule


def _needed(lines: Sequence[str], start: int) -> int | None:
    """Return how many lines from `start` on occur in no other place; None where even all of them do."""
    others = [other for other in range(len(lines)) if other != start]
    for count in range(1, len(lines) - start + 1):
        others = [
            other
            for other in others
            if other + count <= len(lines) and lines[other + count - 1] == lines[start + count - 1]
        ]
        if not others:
            return count
    return None
