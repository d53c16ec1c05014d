"""The loop: propose, check, train, filter, archive, teach, until it stops improving.

A study is a folder; its archive is the only state. Nothing is kept in memory that could not be rebuilt from it, so a
study killed at any instant goes on with `Study.open(folder).run()`.
"""

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import Self

from archwright import events
from archwright.admission import Admissions, threshold_of_study
from archwright.analysis.summary import CycleSummary, Totals, best_records, summarize_cycles, summarize_totals
from archwright.archive import Archive, CostRow, CycleRow
from archwright.assembly import Assembly
from archwright.candidate import Candidate, Key, Outcome, Record
from archwright.config import StudyConfig, build_config, load_config
from archwright.errors import UsageError
from archwright.evaluation.evaluator import Job
from archwright.events import Event, Observer, Phase
from archwright.generators.generator import Request
from archwright.learning.teaching import Teacher
from archwright.llm.server import require_trusted, trust_server
from archwright.randomness import derive_seed
from archwright.stopping import has_converged
from archwright.stopwatch import Stopwatch

CHANGEABLE = ("loop.cycles", "loop.stop", "sandbox.", "tune.", "llm.timeout_s", "llm.retries", "llm.concurrency")
"""Settings (or prefixes) a started study may change; any other would make its cycles incomparable."""
FIXED = ("sandbox.policy",)
"""Exceptions among them."""


@dataclass(frozen=True)
class StudyResult:
    """What a study has found so far."""

    run: Path
    reason: str
    """`complete`, `converged`, `interrupted` or, for a study that is still going on, `running`."""
    cycles: list[CycleSummary]
    best: list[Record]
    """Most accurate first; equal programs once."""
    totals: Totals


@dataclass(frozen=True)
class Plan:
    """What a study would do, without doing any of it."""

    config: StudyConfig
    candidates: int
    """Candidates of all cycles, should the study not stop earlier."""
    prompt: str | None
    """The first prompt; None when no language model is asked."""
    expected: Mapping[str, float]
    """Upper bounds on what it costs, from the budgets: nothing has been measured."""


def plan(config: StudyConfig) -> Plan:
    """Return what `config` would do; raises UsageError, DataError or EvaluatorError when it cannot run."""
    assembly = Assembly(config, Path())
    assembly.check()
    assembly.check_isolation()
    candidates = config.loop.cycles * config.loop.candidates
    workers = config.sandbox.workers or os.cpu_count() or 1
    expected = {
        "training_epochs_at_most": candidates * config.budget.epochs,
        "evaluation_wall_s_at_most": candidates * config.budget.wall_s / workers,
    }
    if not assembly.generator.uses_model:
        return Plan(config, candidates, None, expected)
    expected["completion_tokens_at_most"] = candidates * config.llm.max_new_tokens
    expected["lessons_at_most"] = config.loop.cycles - 1 if assembly.learns else 0
    request = assembly.strategy.ask(1, [])[0]
    return Plan(config, candidates, str(assembly.generator.prompt_for(request)), expected)


class Study:
    """One run of the loop in one folder.

    `Study(config, folder)` starts a new study and `Study.open(folder)` continues one; both hold the folder's lock
    until `close`. `run` does everything; people with an evaluator of their own call `ask` and `tell` instead.

    Raises StudyError when the folder cannot be used and UsageError or DataError when the configuration cannot run.
    """

    def __init__(
        self, config: StudyConfig, folder: Path, observers: Sequence[Observer] = (), *, archive: str | None = None
    ) -> None:
        """Start a study in `folder`, with its rows in a file there or in the database at the address `archive`."""
        assembly = Assembly(config, folder)
        assembly.check()
        trust_server(config.llm)
        self._start(assembly, Archive.create(folder, config.model_dump(mode="json"), url=archive), observers)

    @classmethod
    def open(cls, folder: Path, settings: Sequence[str] = (), observers: Sequence[Observer] = ()) -> Self:
        """Return the study in `folder`, ready to go on, with changed `key=value` settings such as `loop.cycles=8`."""
        archive = Archive.open(folder)
        try:
            config = build_config(archive.config)
            if settings:
                config = _changed(config, settings)
            if any(setting.startswith("llm.model=") for setting in settings):
                trust_server(config.llm)
            else:
                require_trusted(config.llm, folder)
            if settings:
                archive.set_config(config.model_dump(mode="json"))
            study = cls.__new__(cls)
            study._start(Assembly(config, folder), archive, observers)
        except BaseException:
            archive.close()
            raise
        return study

    def _start(self, assembly: Assembly, archive: Archive, observers: Sequence[Observer]) -> None:
        self.config = assembly.config
        self.folder = assembly.folder
        self._assembly = assembly
        self._archive = archive
        self._observers = tuple(observers)
        self._records: dict[Key, Record] = {record.candidate.key: record for record in archive.records()}
        self._rows: list[CycleRow] = archive.cycles()
        self._admissions = Admissions(self.config, assembly.corpus)
        self._teacher = Teacher(assembly, archive, self._emit)

    # The loop ---------------------------------------------------------------------------------------------------

    def run(self) -> StudyResult:
        """Run the loop until it is complete, has converged or is interrupted, and return what it found.

        Ctrl-C ends it cleanly: candidates in flight are dropped and will be evaluated by the next run. Raises
        EvaluatorError before anything is proposed when this machine does not reach `sandbox.require`.
        """
        self._assembly.check_isolation()
        done = sum(record.outcome is not None for record in self._records.values())
        self._emit(events.StudyStarted(self.config, self._assembly.spec, self.folder, is_resumed=done > 0, done=done))
        try:
            while candidates := self.ask():
                for candidate, outcome in self._evaluate(candidates):
                    self.tell(candidate, outcome)
            reason = self._reason_to_stop() or "running"
        except KeyboardInterrupt:
            reason = "interrupted"
        self._emit(events.StudyStopped(reason))
        return self.result(reason)

    def ask(self) -> list[Candidate]:
        """Return candidates to evaluate: those still without an outcome, else newly proposed ones.

        Empty when the study is over. A cycle whose last outcome has arrived is closed here: its elite admitted, the
        model taught.
        """
        while self._reason_to_stop() is None:
            waiting = [record.candidate for record in self._records.values() if record.outcome is None]
            if waiting:
                return waiting
            self._teacher.prepare(self._cycle, list(self._records.values()))
            requests = self._assembly.strategy.ask(self._cycle, list(self._records.values()))
            if requests:
                return self._propose(requests)
            self._close_cycle()
        return []

    def tell(self, candidate: Candidate, outcome: Outcome) -> None:
        """Archive the outcome of a candidate that `ask` returned."""
        self._archive.add_outcome(candidate.key, outcome)
        self._records[candidate.key] = Record(candidate, outcome)
        self._emit(events.Evaluated(candidate, outcome))

    # Its steps --------------------------------------------------------------------------------------------------

    def _propose(self, requests: Sequence[Request]) -> list[Candidate]:
        self._emit(events.PhaseStarted(self._cycle, Phase.PROPOSE, len(requests)))
        clock = Stopwatch()
        candidates = self._assembly.generator.generate(requests)
        self._archive.add_candidates(candidates)
        tokens = sum(candidate.prompt_tokens + candidate.completion_tokens for candidate in candidates)
        self._archive.add_cost(CostRow(self._cycle, "propose", wall_s=clock.wall_s, cpu_s=clock.cpu_s, tokens=tokens))
        for candidate in candidates:
            self._records[candidate.key] = Record(candidate)
            self._emit(events.Proposed(candidate))
        return candidates

    def _evaluate(self, candidates: Sequence[Candidate]) -> Iterator[tuple[Candidate, Outcome]]:
        """Yield outcomes as they finish; near-duplicates first, when they are refused before training."""
        self._emit(events.PhaseStarted(self._cycle, Phase.EVALUATE, len(candidates)))
        refused = self._admissions.refuse_duplicates(candidates, list(self._records.values()))
        for candidate in candidates:
            if candidate.key in refused:
                yield candidate, refused[candidate.key]
        remaining = [candidate for candidate in candidates if candidate.key not in refused]
        jobs = [
            Job(number, candidate.program, derive_seed(candidate.seed, "train"))
            for number, candidate in enumerate(remaining)
        ]
        with closing(self._assembly.executor.run(jobs)) as outcomes:
            for job, outcome in outcomes:
                yield remaining[job.number], outcome

    def _close_cycle(self) -> None:
        """Give every candidate of the cycle its verdict, in one transaction."""
        cycle, records = self._cycle, list(self._records.values())
        self._emit(events.PhaseStarted(cycle, Phase.ADMIT, len(records)))
        clock = Stopwatch()
        row = CycleRow(
            cycle, threshold_of_study(self.config, records, self._rows[-1].threshold if self._rows else None)
        )
        verdicts = self._admissions.admit(cycle, records, row.threshold)
        self._archive.close_cycle(row, verdicts)
        self._archive.add_cost(CostRow(cycle, "novelty", wall_s=clock.wall_s, cpu_s=clock.cpu_s))
        self._rows.append(row)
        for key, admission in verdicts.items():
            record = self._records[key] = replace(self._records[key], admission=admission)
            self._emit(events.Admitted(record.candidate, admission))
        self._emit(events.CycleFinished(cycle, row.threshold))

    # What it knows ----------------------------------------------------------------------------------------------

    @property
    def _cycle(self) -> int:
        return len(self._rows) + 1

    def _reason_to_stop(self) -> str | None:
        loop = self.config.loop
        if len(self._rows) >= loop.cycles:
            return "complete"
        if loop.stop and has_converged(self._summaries(), loop.stop_window, loop.stop_epsilon):
            return "converged"
        return None

    def _summaries(self) -> list[CycleSummary]:
        return summarize_cycles(list(self._records.values()), self._rows)

    def result(self, reason: str = "running", top: int = 5) -> StudyResult:
        """Return what the study has found so far, with its `top` programs."""
        records = list(self._records.values())
        return StudyResult(
            run=self.folder,
            reason=reason,
            cycles=self._summaries(),
            best=best_records(records, top),
            totals=summarize_totals(records, self._archive.costs()),
        )

    def _emit(self, event: Event) -> None:
        for observer in self._observers:
            observer(event)

    def close(self) -> None:
        """Stop every process and release the folder's lock."""
        self._assembly.close()
        self._archive.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _changed(config: StudyConfig, settings: Sequence[str]) -> StudyConfig:
    changed = load_config(settings=settings, base=config.model_dump(mode="json"))
    for setting in settings:
        key = setting.partition("=")[0]
        if key == "llm.model" and changed.llm.model == config.llm.model:
            continue  # The same server, given again with the secrets of its address, which are not stored.
        if not key.startswith(CHANGEABLE) or key in FIXED:
            raise UsageError(
                f"{key} of a started study cannot be changed",
                f"start a new study for it; a started one takes {', '.join(CHANGEABLE)} (not {', '.join(FIXED)})",
            )
    return changed
