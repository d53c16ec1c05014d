"""How a program came to be: the programs before it along first parents, and the edit that led from each to the next."""

from collections.abc import Sequence
from dataclasses import dataclass

from archwright.analysis.changes import Change
from archwright.analysis.documents import picked
from archwright.analysis.report.facts import StudyFacts, written_by
from archwright.candidate import Key, Record
from archwright.programs.patching import unified_diff
from archwright.task import Metric
from archwright.untrusted import plain_text

GENERATIONS = 12
"""Followed back."""
MOST_LINES = 200
"""Lines of a diff that are shown."""


@dataclass(frozen=True, slots=True)
class LineageStep:
    """One program of a lineage, and what was changed to come to it."""

    key: Key
    words: str
    """Who or what wrote it, and from what: `1.3: widen a layer, from resnet`."""
    value: float | None
    """Score in the search."""
    score: str
    """The same in words, with the change."""
    change: Change | None
    """Against the parent; None where it has none, or where nothing was changed."""
    diff: Sequence[str]
    """Lines of the edit as a unified diff; empty where the parent's source is not known."""

    @property
    def title(self) -> str:
        """The words with the score, and how it changed."""
        return f"{self.words} ({self.score})" if self.score else self.words

    def as_json(self) -> dict[str, object]:
        """Return one entry of `lineage` in `report --json`."""
        return {
            **picked(self.key, "cycle", "index"),
            **picked(self, "words", "value"),
            **{name: getattr(self.change, name, None) for name in ("change", "edited_lines", "how")},
            "diff": list(self.diff),
        }


def lineage(facts: StudyFacts, record: Record) -> list[LineageStep]:
    """Return how a program came to be, newest step first, along its first parents."""
    first: dict[str, Record] = {}
    for known in facts.records:
        if known.candidate.program is not None:
            first.setdefault(known.program.digest, known)
    sources = {starter.program.digest: starter.program.source for starter in facts.begun_with}
    sources |= {digest: known.program.source for digest, known in first.items()}
    changes = {change.key: change for change in facts.changes.candidates if not change.is_identity}
    steps: list[LineageStep] = []
    seen: set[str] = set()
    found: Record | None = record
    while found is not None and len(steps) < GENERATIONS and found.program.digest not in seen:
        candidate = found.candidate
        seen.add(found.program.digest)
        parents = ", ".join(facts.names.get(digest, digest[:12]) for digest in candidate.parents)
        words = f"{candidate.key}: {written_by(candidate)}" + (f", from {parents}" if parents else "")
        parent = next(iter(candidate.parents), None)
        before = None if parent is None else sources.get(parent)
        diff = [] if before is None else _diff(before, found.program.source)
        change = changes.get(candidate.key)
        value = facts.value(found)
        steps.append(LineageStep(candidate.key, words, value, _score(facts.metric, value, change), change, diff))
        found = None if parent is None else first.get(parent)
    return steps


def _score(metric: Metric, value: float | None, change: Change | None) -> str:
    if value is None or change is None or change.change is None:
        return "" if value is None else metric.format(value)
    return f"{metric.format(value)}, {metric.format_difference(change.change)}"


def _diff(before: str, after: str) -> list[str]:
    lines = unified_diff(plain_text(before), plain_text(after))[2:]
    left = len(lines) - MOST_LINES
    return lines if left <= 0 else [*lines[:MOST_LINES], f"... {left:,} more lines"]
