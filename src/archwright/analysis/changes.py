"""What became of each program that was changed: its score against that of the program it was made from.

For every way of changing one: edits of a model, random mutations, and the identity, which is a program trained again
with another seed and says how much of a change is chance.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean, mean
from typing import TYPE_CHECKING

from archwright.analysis.documents import bounds, picked
from archwright.analysis.intervals import Interval, wilson
from archwright.analysis.theory.gathering import value_of
from archwright.candidate import Candidate, Key, Record
from archwright.corpus.noise import Noise
from archwright.programs.patching import edited_lines

if TYPE_CHECKING:
    from archwright.task import Metric

IDENTITY = "identity"
"""The change that is none."""
RESAMPLES = 2_000
SEED = 0
"""Of the bootstrap: the same archive gives the same report."""


@dataclass(frozen=True, slots=True)
class Change:
    """One candidate beside the program it was made from."""

    key: Key
    kind: str
    """The generator, or `identity`."""
    parent: str
    """Digest."""
    edited_lines: int | None
    """Lines added and deleted; None for a candidate without a program, or whose parent's source is not known."""
    how: str | None
    """How a model's edit was applied, or why it was refused; None where no model wrote one."""
    tokens: int
    """That models wrote for it."""
    parent_score: float | None
    """Mean over its trainings in the study."""
    change: float | None
    """Score minus that, larger for better; None where either has none."""
    is_beyond: bool | None
    """Whether it is better by more than the noise explains; None where that cannot be told."""

    @property
    def is_identity(self) -> bool:
        """Whether nothing was changed: the program was trained again."""
        return self.kind == IDENTITY

    def as_json(self) -> dict[str, object]:
        """Return one entry of `changes.candidates` in `report --json`."""
        return {
            **picked(self.key, "cycle", "index"),
            **picked(self, "kind", "parent", "edited_lines", "how"),
            "completion_tokens": self.tokens,
            **picked(self, "parent_score", "change"),
            "is_beyond_noise": self.is_beyond,
        }


@dataclass(frozen=True, slots=True)
class KindOfChange:
    """All changes of one kind."""

    kind: str
    candidates: int
    """Whose parent has a score, failed ones included."""
    n: int
    """Of those with a score of their own."""
    better: int
    beyond: int | None
    """Better beyond the noise; None where the noise is not known."""
    mean: float | None
    interval: Interval | None
    """Of the mean: 95 % percentile bootstrap over parents; None for fewer than five."""

    def as_json(self) -> dict[str, object]:
        """Return one entry of `changes.kinds` in `report --json`."""
        beyond = None if self.beyond is None else wilson(self.beyond, self.n)
        return {
            "kind": self.kind,
            "candidates": self.candidates,
            "scored": self.n,
            "better": self.better,
            "better_beyond_noise": self.beyond,
            "better_beyond_noise_interval": bounds(beyond),
            "mean_change": self.mean,
            "mean_change_interval": bounds(self.interval),
        }


@dataclass(frozen=True, slots=True)
class Changes:
    """Every change of a study."""

    candidates: Sequence[Change]
    kinds: Sequence[KindOfChange]
    noise: Noise

    def as_json(self) -> dict[str, object]:
        """Return `changes` of `report --json`."""
        return {
            "noise": picked(self.noise, "deviation", "programs", "trainings"),
            "kinds": [kind.as_json() for kind in self.kinds],
            "candidates": [change.as_json() for change in self.candidates],
        }


def read_changes(records: Sequence[Record], begun_with: Sequence[Record], metric: Metric) -> Changes:
    """Return what became of the candidates that were made from a program, at the study's own fidelity."""
    mine = [record for record in records if record.candidate.at is None]
    scores: defaultdict[str, list[float]] = defaultdict(list)
    sources = {record.program.digest: record.program.source for record in begun_with}
    for record in mine:
        if record.candidate.program is None:
            continue
        sources.setdefault(record.program.digest, record.program.source)
        value, known = value_of(record, metric), scores[record.program.digest]
        if value is not None and not (known and _is_looked_up(record)):
            known.append(value)
    noise = Noise(scores.values())
    changes = [
        change for record in mine if (change := _change(record, scores, sources, noise, metric)) is not None
    ] + list(_trained_again(mine, noise, metric))
    by_kind: defaultdict[str, list[Change]] = defaultdict(list)
    for change in changes:
        by_kind[change.kind].append(change)
    order = sorted(by_kind, key=lambda kind: (kind == IDENTITY, kind))
    return Changes(changes, [summarize(kind, by_kind[kind]) for kind in order], noise)


def summarize(kind: str, changes: Iterable[Change]) -> KindOfChange:
    """Return what the `changes` of one `kind` come to."""
    compared = [change for change in changes if change.parent_score is not None]
    found = [change.change for change in compared if change.change is not None]
    of_parent: defaultdict[str, list[float]] = defaultdict(list)
    for change in compared:
        if change.change is not None:
            of_parent[change.parent].append(change.change)
    beyond = [change.is_beyond for change in compared if change.change is not None]
    return KindOfChange(
        kind,
        len(compared),
        len(found),
        sum(change > 0 for change in found),
        None if None in beyond or not beyond else sum(map(bool, beyond)),
        fmean(found) if found else None,
        bootstrap_mean(of_parent.values()),
    )


def bootstrap_mean(groups: Collection[Sequence[float]]) -> Interval | None:
    """Return the 95 % percentile bootstrap interval of the mean over all values of `groups`; None for fewer than five.

    Whole groups are drawn: what was made from one parent shares the luck of that parent's score.
    """
    if len(groups) < 5:
        return None
    import numpy as np

    sizes, sums = np.array([(len(group), sum(group)) for group in groups], float).T
    drawn = np.random.default_rng(SEED).integers(len(groups), size=(RESAMPLES, len(groups)))
    low, high = np.quantile(sums[drawn].sum(1) / sizes[drawn].sum(1), [0.025, 0.975])
    return Interval(float(low), float(high))


def _change(
    record: Record, scores: Mapping[str, Sequence[float]], sources: Mapping[str, str], noise: Noise, metric: Metric
) -> Change | None:
    candidate = record.candidate
    parent = next(iter(candidate.parents), None)
    if parent is None or (candidate.program is not None and candidate.program.digest == parent):
        return None
    before = scores.get(parent, ())
    value = value_of(record, metric)
    change = value - mean(before) if value is not None and before else None
    margin = noise.margin(before, [value]) if value is not None and before else None
    return Change(
        candidate.key,
        candidate.generator,
        parent,
        _lines(candidate, sources),
        _how(candidate),
        candidate.completion_tokens,
        metric.key(mean(before)) if before else None,
        change,
        None if change is None or margin is None else change > margin,
    )


def _trained_again(records: Sequence[Record], noise: Noise, metric: Metric) -> Iterable[Change]:
    """Yield a change for every training of a program but its first, against the one before it."""
    last: dict[str, float] = {}
    for record in records:
        value = value_of(record, metric)
        if value is None or _is_looked_up(record):
            continue
        digest = record.program.digest
        if digest in last:
            before = last[digest]
            margin = noise.margin([before], [value])
            is_beyond = None if margin is None else value - before > margin
            key, tokens = record.candidate.key, record.candidate.completion_tokens
            yield Change(key, IDENTITY, digest, 0, None, tokens, metric.key(before), value - before, is_beyond)
        last[digest] = value


def _is_looked_up(record: Record) -> bool:
    return record.outcome is not None and record.outcome.scores is not None and record.outcome.scores.is_looked_up


def _lines(candidate: Candidate, sources: Mapping[str, str]) -> int | None:
    lines = candidate.facts.get("edited_lines")
    if isinstance(lines, int):
        return lines
    source = sources.get(candidate.parents[0])
    return None if source is None or candidate.program is None else edited_lines(source, candidate.program.source)


def _how(candidate: Candidate) -> str | None:
    if isinstance(how := candidate.facts.get("how"), str):
        return how
    reason = candidate.facts.get("refused")
    return f"refused: {reason}" if isinstance(reason, str) else None
