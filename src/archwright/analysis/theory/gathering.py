"""What the diagnostics look at, as plain values out of a study's records."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import TypeVar

import numpy as np

from archwright.analysis.summary import by_cycle
from archwright.analysis.theory.collapse import Variety, measure_variety
from archwright.candidate import Candidate, FailureKind, Fidelity, Program, Record
from archwright.novelty.minhash import Signatures, signatures
from archwright.novelty.tokens import Shingles, lexer_tokens, shingles
from archwright.programs.canonical import canonical_form
from archwright.task import Metric

MOST_FORMS = 1_000
"""Programs of a study whose canonical form is made, 4 ms each; of more an even sample of every cycle."""
LARGEST = 1e60
"""Scores beyond this, which only a damaged archive holds, are left out: variances of them have no square."""
SHINGLE, PERMUTATIONS = 10, 256
"""As published (section A.1 of the closed-loop paper); estimates of similarity are within .03."""
_T = TypeVar("_T")
UNTRIED = frozenset({FailureKind.NEAR_DUPLICATE, FailureKind.OUTRANKED})
"""Refused before training: whether they would have been valid is not known."""


def value_of(record: Record, metric: Metric) -> float | None:
    """Return the score in the search, larger for better; None where there is none that can be squared."""
    value = record.value(metric.name)
    return metric.key(value) if value is not None and abs(value) < LARGEST else None


def was_tried(record: Record) -> bool:
    """Return whether it is known if the candidate is valid."""
    outcome = record.outcome
    return outcome is not None and (outcome.failure is None or outcome.failure.kind not in UNTRIED)


@dataclass(frozen=True)
class Architectures:
    """Canonical forms of a study's valid programs, as far as they were made."""

    digest_of: Mapping[str, str]
    """Program -> architecture: equal for programs that differ only in how they are written."""
    shingles_of: Mapping[str, Shingles]
    """By architecture."""
    sampled: Mapping[int, Sequence[str]]
    """Cycle -> programs of the valid candidates that were looked at, repeated ones repeated."""

    def name(self, program: str) -> str:
        """Return the architecture of a program; the program itself where no form was made."""
        return self.digest_of.get(program, program)

    def variety(self, cycle: int) -> Variety:
        """Return how different the programs of a cycle are."""
        names = [self.name(program) for program in self.sampled.get(cycle, ())]
        return variety_of(names, signatures([self.shingles_of[name] for name in names], PERMUTATIONS))


def variety_of(names: Sequence[str], rows: Signatures) -> Variety:
    """Return how different things are by their names and their signatures."""
    similar = [np.count_nonzero(rows == row, axis=1) / PERMUTATIONS for row in rows]
    return measure_variety(names, np.array(similar, float).reshape(len(names), len(names)))


def even_sample(found: Mapping[int, Sequence[_T]]) -> dict[int, list[_T]]:
    """Return what is looked at of what was `found` in every cycle."""
    each = max(4, MOST_FORMS // max(1, len(found)))
    return {
        cycle: [items[place] for place in np.linspace(0, len(items) - 1, min(each, len(items))).astype(int)]
        for cycle, items in found.items()
    }


def read_architectures(records: Sequence[Record]) -> Architectures:
    """Return the architectures of the valid programs among `records`."""
    valid = {
        cycle: [record.program for record in mine if record.is_valid and record.candidate.program is not None]
        for cycle, mine in by_cycle(records).items()
    }
    sampled = even_sample(valid)
    digest_of: dict[str, str] = {}
    shingles_of: dict[str, Shingles] = {}
    for program in chain.from_iterable(sampled.values()):
        if program.digest in digest_of:
            continue
        tokens = lexer_tokens(_form(program.source))
        digest_of[program.digest] = name = Program(" ".join(tokens)).digest
        hashes = shingles(tokens, SHINGLE)
        shingles_of[name] = hashes if len(hashes) else np.zeros(1, np.uint64)
    return Architectures(
        digest_of, shingles_of, {cycle: [program.digest for program in found] for cycle, found in sampled.items()}
    )


def _form(source: str) -> str:
    try:
        return canonical_form(source)
    except ValueError:  # a cell, for example
        return source


def lines_written(candidate: Candidate, sources: Mapping[str, str]) -> int | None:
    """Return how many lines were written for a candidate: of a model's answer, else those that its parent lacks or had.

    `sources` are programs by digest. None where neither is known. Blank lines do not count.
    """
    if (call := candidate.writer) is not None:
        return len(_lines(call.completion))
    if candidate.program is None or not candidate.parents or candidate.parents[0] not in sources:
        return None
    before, after = Counter(_lines(sources[candidate.parents[0]])), Counter(_lines(candidate.program.source))
    return (before - after).total() + (after - before).total()


def _lines(text: str) -> list[str]:
    return [line for line in map(str.strip, text.splitlines()) if line]


TrialPlace = tuple[Fidelity, str]
"""Fidelity and split."""
TrainingKey = tuple[str, int]
"""Program and seed."""
ValuesByTraining = Mapping[str, Mapping[TrainingKey, float]]
"""Architecture -> training -> score."""


def scores_by_place(
    records: Iterable[Record], metric: Metric, architectures: Architectures
) -> dict[TrialPlace, ValuesByTraining]:
    """Return the scores of every architecture, each training once, by fidelity and split; larger is better.

    The first place is that of the search: the one with most architectures. Scores that were looked up are left out:
    nothing was trained.
    """
    found: defaultdict[TrialPlace, defaultdict[str, dict[TrainingKey, float]]] = defaultdict(lambda: defaultdict(dict))
    for record in records:
        for trial, outcome in record.outcomes.items():
            value = outcome.value(metric.name)
            if outcome.scores is None or outcome.scores.is_looked_up or trial.program is None:
                continue
            if value is not None and abs(value) < LARGEST:
                name = architectures.name(trial.program)
                found[trial.at, trial.split][name][trial.program, trial.seed] = metric.key(value)
    return dict(sorted(found.items(), key=lambda item: -len(item[1])))
