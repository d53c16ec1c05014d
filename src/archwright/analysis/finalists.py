"""Finalists in numbers: what each program came to on the test split, over its seeds."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from archwright.analysis.intervals import Interval, Mean, t_interval, wilson
from archwright.analysis.summary import best_records
from archwright.candidate import Record

if TYPE_CHECKING:
    from archwright.archive import FinalRow, OpeningRow


@dataclass(frozen=True, slots=True)
class Finalist:
    """One program on the test split."""

    record: Record
    """The candidate with which the search selected it; its accuracy there is on validation and too good."""
    finals: Sequence[FinalRow]
    """One per seed it was trained with so far, in the order of the seeds."""

    @property
    def mean(self) -> Mean:
        """Mean test accuracy over the seeds that were scored, with its t-interval; failures are left out and shown."""
        return t_interval([final.accuracy for final in self.finals if final.n])


def summarize_finalists(records: Iterable[Record], opening: OpeningRow, finals: Sequence[FinalRow]) -> list[Finalist]:
    """Return the finalists of `opening`, the best on validation first."""
    by_pair = {(final.program, final.seed): final for final in finals}
    by_digest = {record.candidate.program.digest: record for record in best_records(records, None)}
    return [
        Finalist(by_digest[digest], [by_pair[digest, seed] for seed in opening.seeds if (digest, seed) in by_pair])
        for digest in opening.programs
        if digest in by_digest
    ]


def accuracy_interval(final: FinalRow) -> Interval | None:
    """Return the Wilson interval of one test accuracy, over its images; None when it was never scored."""
    return wilson(round(final.accuracy * final.n), final.n) if final.n else None
