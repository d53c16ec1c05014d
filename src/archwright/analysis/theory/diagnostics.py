"""What the convergence theory says of one study, for nothing: five of its statements, and what to be warned of."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from archwright.analysis.summary import CycleSummary, by_cycle, values
from archwright.analysis.theory.collapse import Variety
from archwright.analysis.theory.elite import BoundCheck, EliteCount, check_bound
from archwright.analysis.theory.gathering import (
    lines_written,
    read_architectures,
    scores_by_place,
    value_of,
    was_tried,
)
from archwright.analysis.theory.laws import Law, LawFit, fit_laws
from archwright.analysis.theory.monotonicity import Monotonicity, find_drops
from archwright.analysis.theory.reliability import Reliability, judge_reliability
from archwright.analysis.theory.validity import ValidityByLines, fit_validity
from archwright.candidate import Record
from archwright.task import Metric

FEW = 8
"""Fewer valid candidates in a cycle say nothing of its variety."""
DOMINANT = 0.25
"""Share of a cycle beyond which one architecture is a warning."""


@dataclass(frozen=True, slots=True)
class CycleDiagnosis:
    """One finished cycle."""

    cycle: int
    elite: EliteCount | None
    """Of the candidates that were tried; None while no threshold is known."""
    variety: Variety
    """Of the valid candidates, or an even sample."""


@dataclass(frozen=True)
class Diagnostics:
    """The statements of the theory on one archive; larger scores are better here, whatever the metric."""

    cycles: Sequence[CycleDiagnosis]
    threshold: float | None
    """The score that makes an elite in all cycles: that of the last finished one."""
    bound: BoundCheck
    laws: Mapping[Law, LawFit]
    monotonicity: Monotonicity
    validity: ValidityByLines | None
    nearest_admitted: float | None
    """The largest similarity, lexical or canonical, of an admitted program to what was known."""
    reliability: Reliability

    @cached_property
    def warnings(self) -> list[str]:
        """What whoever reads the study's figures has to know first."""
        return [*self.reliability.warnings, *self._drops(), *self._collapse()]

    def _drops(self) -> list[str]:
        return [
            f"The mean score fell from cycle {self.cycles[step.place - 1].cycle} to {self.cycles[step.place].cycle}, "
            f"beyond chance (p = {step.p_drop:.2g})."
            for step in self.monotonicity.drops()
        ]

    def _collapse(self) -> list[str]:
        looked_at = [cycle for cycle in self.cycles if cycle.variety.n >= FEW]
        if not looked_at:
            return []
        start, end = looked_at[0], looked_at[-1]
        first, last = start.variety, end.variety
        found = []
        if last.largest_interval.low > DOMINANT:
            found.append(
                f"One architecture is {last.largest} of {last.n} valid candidates of cycle {end.cycle}: what is "
                "written collapses. Raise the temperature, or teach what is new."
            )
        if last.effective_share < first.effective_share / 2:
            found.append(
                f"What is written narrows: {last.effective:.1f} effective architectures among {last.n} valid "
                f"candidates of cycle {end.cycle}, {first.effective:.1f} among {first.n} of cycle {start.cycle}."
            )
        return found


def diagnose(
    records: Sequence[Record], summaries: Sequence[CycleSummary], metric: Metric, begun_with: Sequence[Record] = ()
) -> Diagnostics:
    """Return the diagnostics of a study's `records`, finished cycles only; `begun_with` are its first parents."""
    finished = [summary for summary in summaries if summary.is_finished]
    threshold = next((row.threshold for row in reversed(finished) if row.threshold is not None), None)
    mine = by_cycle(records)
    of_cycle = {summary.cycle: mine.get(summary.cycle, []) for summary in finished}
    architectures = read_architectures([record for found in of_cycle.values() for record in found])
    cycles = [
        CycleDiagnosis(
            cycle,
            None if threshold is None else _count(found, cycle - finished[0].cycle, threshold, metric),
            architectures.variety(cycle),
        )
        for cycle, found in of_cycle.items()
    ]
    counts = [cycle.elite for cycle in cycles if cycle.elite is not None]
    scores = [[v for record in found if (v := value_of(record, metric)) is not None] for found in of_cycle.values()]
    return Diagnostics(
        cycles=cycles,
        threshold=threshold,
        bound=check_bound(counts),
        laws=fit_laws(counts),
        monotonicity=find_drops(scores),
        validity=_validity(records, begun_with),
        nearest_admitted=max(_similarities(records), default=None),
        reliability=judge_reliability(scores_by_place(records, metric, architectures)),
    )


def _count(records: Sequence[Record], after: int, threshold: float, metric: Metric) -> EliteCount:
    tried = [record for record in records if was_tried(record)]
    return EliteCount(after, sum(metric.reaches(value, threshold) for value in values(tried, metric)), len(tried))


def _validity(records: Sequence[Record], begun_with: Sequence[Record]) -> ValidityByLines | None:
    sources = {
        record.program.digest: record.program.source
        for record in (*begun_with, *records)
        if record.candidate.program is not None
    }
    rows = [
        (lines, record.is_valid)
        for record in records
        if was_tried(record) and (lines := lines_written(record.candidate, sources)) is not None
    ]
    return fit_validity([lines for lines, _ in rows], [is_valid for _, is_valid in rows])


def _similarities(records: Sequence[Record]) -> list[float]:
    return [
        similarity.value
        for record in records
        if record.is_admitted and record.admission is not None
        for similarity in (record.admission.lexical, record.admission.canonical)
        if similarity is not None
    ]
