"""Everything a report says, read once from the archive; the two renderings only lay it out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from archwright.analysis.changes import Changes, read_changes
from archwright.analysis.failures import FailureCount, count_failures
from archwright.analysis.fronts import OnFront, all_fronts
from archwright.analysis.repetition import repetition
from archwright.analysis.structure import CycleStructure, summarize_structure
from archwright.analysis.summary import CycleSummary, Totals, best_records, summarize_cycles, summarize_totals
from archwright.analysis.text import count, duration
from archwright.analysis.theory.diagnostics import Diagnostics, diagnose
from archwright.candidate import Admission, Candidate, Record, Stage
from archwright.config import StudyConfig
from archwright.configuring import build_config
from archwright.contracts.contract import Contract, PublishedTable
from archwright.corpus.beginning import is_starter, read_copy
from archwright.designs.coverage import Coverage, coverage_of
from archwright.designs.design import Design, designed
from archwright.llm.spending import money_spent
from archwright.stopping import reason_to_stop
from archwright.task import Metric, SplitProtocol

if TYPE_CHECKING:
    from archwright.archive import AdapterRow, OpeningRow, Session

BEST = 5
"""Programs shown with their source."""


@dataclass(frozen=True)
class StudyFacts:
    """One study as its archive has it."""

    name: str
    """Name of the study's folder."""
    config: StudyConfig
    metric: Metric
    """By which candidates are compared."""
    records: Sequence[Record]
    cycles: Sequence[CycleSummary]
    totals: Totals
    failures: Sequence[FailureCount]
    best: Sequence[Record]
    adapters: Sequence[AdapterRow]
    openings: Sequence[OpeningRow]
    """Each time the test split was opened, in order."""
    sessions: Sequence[Session]
    """Each time the study was open for writing, with versions and hardware."""
    begun_with: Sequence[Record]
    """What the study began with: its corpus, or the contract's starters."""
    table: PublishedTable | None = None
    """Where scores were looked up; None where programs were trained."""

    @property
    def subject(self) -> str:
        """What was searched on: the task, or the table in place of one."""
        return self.config.task if self.table is None else self.table.name

    @property
    def heading(self) -> str:
        """What was searched on, and how."""
        loop = self.config.loop
        how = (
            f"{loop.strategy} with {loop.generator}"
            if self.table is None
            else f"{loop.strategy} by {self.table.strategy}"
        )
        return f"{self.subject}, {how}"

    @property
    def subtitle(self) -> str:
        """Which study it is, and of which model."""
        asked = any(record.candidate.calls for record in self.records)
        return f"Study {self.name}{f', {self.config.llm.model}' if asked else ''}, seed {self.config.seed}"

    @cached_property
    def names(self) -> Mapping[str, str]:
        """Program digest -> its key in this study, or its name in the seed corpus."""
        names = {starter.program.digest: starter.candidate.operation or "starter" for starter in self.begun_with}
        for record in self.records:
            if record.candidate.program is not None:
                names.setdefault(record.program.digest, str(record.candidate.key))
        return names

    @cached_property
    def diagnostics(self) -> Diagnostics:
        """What the convergence theory says of it."""
        return diagnose(self.records, self.cycles, self.metric, self.begun_with)

    @cached_property
    def changes(self) -> Changes:
        """What became of the programs that were changed."""
        return read_changes(self.records, self.begun_with, self.metric)

    @cached_property
    def structure(self) -> Sequence[CycleStructure]:
        """What the networks of each cycle are made of, where they were traced."""
        return summarize_structure(self.records)

    @cached_property
    def fronts(self) -> Sequence[OnFront]:
        """Programs that no other beats without costing more, the best first."""
        return all_fronts(self.records, self.metric)

    @cached_property
    def design(self) -> Design | None:
        """The whole design of a sweep, done or not; None for other studies."""
        return designed(self.config, self.starters)

    @cached_property
    def coverage(self) -> Coverage | None:
        """How much of the design is there."""
        return None if self.design is None else coverage_of(self.design, self.records)

    @property
    def starters(self) -> Sequence[Record]:
        """Those of what it began with that candidates start from."""
        return [each for each in self.begun_with if is_starter(each)] if self.config.loop.corpus else self.begun_with

    @property
    def status(self) -> str:
        """`complete`, `converged` or `unfinished`."""
        return reason_to_stop(self.cycles, self.config.loop, self.metric) or "unfinished"

    def value(self, record: Record) -> float | None:
        """Return the score of a candidate in the search."""
        return record.value(self.metric.name)

    @property
    def candidates_left(self) -> int:
        """Candidates a complete study would still evaluate."""
        done = sum(record.outcome is not None for record in self.records)
        return max(0, self.config.loop.cycles * self.config.loop.candidates - done)


def read_facts(folder: Path, contract: Contract | None = None) -> StudyFacts:
    """Return the facts of the study in `folder`, whose archive is opened for reading only.

    Raises StudyError, StudyDamagedError or StudyTooNewError, and StudyError where it was begun with a `contract` of its
    own that is not given.
    """
    from archwright.archive import Archive
    from archwright.archive.own_parts import contract_of

    with Archive.open(folder, read_only=True) as archive:
        records, rows = archive.records(), archive.cycles()
        config = build_config(archive.config)
        contract = contract_of(archive, config.loop.contract, contract)
        metric = contract.metric
        calls = [call for record in records for call in record.candidate.calls]
        begun_with = (read_copy(folder) if config.loop.corpus else None) or contract.starters()
        return StudyFacts(
            name=folder.resolve().name,
            config=config,
            metric=metric,
            records=records,
            cycles=summarize_cycles(records, rows, metric, repetition(records, rows, config, metric)),
            totals=summarize_totals(records, archive.costs(), money_spent(config, [*calls, *archive.asked().values()])),
            failures=count_failures(records),
            best=best_records(records, BEST, metric),
            adapters=archive.adapters(),
            openings=archive.openings(),
            sessions=archive.sessions(),
            begun_with=begun_with,
            table=contract.table(config),
        )


def written_by(candidate: Candidate) -> str:
    """Return who or what wrote a candidate, in a few words."""
    if (call := candidate.writer) is not None:
        return f"{call.model} + {call.adapter}" if call.adapter else call.model
    return candidate.operation or candidate.generator


def details_of(record: Record) -> str:
    """Return size, cost, origin and verdict of a candidate with an outcome."""
    outcome = record.outcome
    assert outcome is not None
    verdict = record.admission.reason.value.replace("_", " ") if record.admission else "not judged yet"
    size = [] if outcome.params is None else [f"{count(outcome.params)} parameters"]
    size += [] if outcome.flops is None else [f"{count(outcome.flops, per=10**6)} MFLOPs"]
    return ", ".join((*size, duration(outcome.seconds.get("total", 0.0)), written_by(record.candidate), verdict))


def protocol_sentence(facts: StudyFacts) -> str:
    """Return which images the accuracies are on, and what that means for them."""
    if facts.config.data.protocol is SplitProtocol.LEMUR:
        return (
            f"Protocol lemur: every {facts.metric.name} is on the official test split and the search selected on it, "
            "as published. For comparison only; such numbers are too good."
        )
    if facts.table is not None:
        return f"{facts.table.sentence}; the test split was {_openings(facts)}."
    return (
        f"Protocol holdout: every {facts.metric.name} is on a fixed, stratified validation split of the training set; "
        f"the test split was {_openings(facts)}."
    )


def _openings(facts: StudyFacts) -> str:
    times = len(facts.openings)
    if times == 0:
        return "not touched"
    programs = len({digest for opening in facts.openings for digest in opening.programs})
    count = "once" if times == 1 else f"{times} times, after the first time with knowledge of results on it"
    return f"opened {count}, for {programs} finalist{'s' if programs > 1 else ''}"


def stages_reached(records: Sequence[Record]) -> list[tuple[Stage, int, int]]:
    """Return per stage in order how many candidates entered it and how many of them failed there.

    Stages nobody failed at are left out, but for the last one.
    """
    failed: Counter[Stage] = Counter(
        record.outcome.failure.stage for record in records if record.outcome is not None and record.outcome.failure
    )
    left = sum(record.outcome is not None for record in records)
    reached: list[tuple[Stage, int, int]] = []
    # Refused before training, a near-duplicate never entered the other stages.
    order = [Stage.NOVELTY, *(stage for stage in Stage if stage is not Stage.NOVELTY)]
    for stage in order:
        if failed[stage] or stage is Stage.SCORE:
            reached.append((stage, left, failed[stage]))
            left -= failed[stage]
    return reached


def judged_admissions(records: Sequence[Record]) -> list[Admission]:
    """Return the verdicts that hold both similarities."""
    return [
        record.admission
        for record in records
        if record.admission is not None
        and record.admission.lexical is not None
        and record.admission.canonical is not None
    ]


def isolation_levels(records: Sequence[Record]) -> list[int]:
    """Return the sandbox levels candidates ran under, lowest first; none where nothing was run."""
    return sorted(
        {record.outcome.isolation for record in records if record.outcome is not None and record.outcome.cpu_s > 0}
    )
