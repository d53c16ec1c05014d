"""What a running study looks like from outside: counts and rates kept from its events, and lines about outcomes.

The displays in `live` and `plain` draw what is kept here.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from archwright import events
from archwright.analysis.dataset import data_lines, describe_data
from archwright.analysis.text import count, duration, one_line
from archwright.candidate import Candidate, Key, Outcome
from archwright.events import Phase
from archwright.task import Metric

if TYPE_CHECKING:
    from archwright.journal import StudyResult

UNKNOWN = Metric("score")
"""Until the study says by what it compares."""
RECENT = 6
"""Outcomes kept for display."""


@dataclass
class CycleCount:
    """What the current cycle has come to so far."""

    proposed: int = 0
    evaluated: int = 0
    valid: int = 0
    judged: int = 0
    admitted: int = 0
    best: float | None = None


@dataclass
class Progress:
    """An observer that adds up a study's events; `clock` gives seconds."""

    metric: Metric = UNKNOWN
    clock: Callable[[], float] = time.monotonic
    title: str = ""
    data: list[str] = field(default_factory=list)
    """What the images are, and what may be wrong with them."""
    cycles: int = 0
    per_cycle: int = 0
    """Candidates of one cycle."""
    cycle: int = 0
    phase: Phase | None = None
    tuning: events.TuningStep | None = None
    evaluated: int = 0
    valid: int = 0
    best: tuple[float, Key] | None = None
    now: CycleCount = field(default_factory=CycleCount)
    recent: deque[tuple[Candidate, Outcome]] = field(default_factory=lambda: deque(maxlen=RECENT))
    _started: float = 0.0
    _entered: float = 0.0
    _session: int = 0
    _before: dict[int, CycleCount] = field(default_factory=dict)
    """What the cycles had come to when the study was resumed."""

    def recall(self, result: StudyResult) -> None:
        """Start from what a resumed study already found."""
        self.metric, self.valid = result.metric, result.totals.valid
        self._before = {
            cycle.cycle: CycleCount(cycle.generated, cycle.evaluated, cycle.valid, best=cycle.best)
            for cycle in result.cycles
        }
        if result.best and (value := result.best[0].value(self.metric.name)) is not None:
            self.best = value, result.best[0].candidate.key

    def __call__(self, event: events.Event) -> None:
        """Take in one event."""
        match event:
            case events.StudyStarted():
                loop, self.metric = event.config.loop, event.metric
                self.title = f"{event.spec.title} · {loop.strategy}, {loop.generator} · {event.folder}"
                self.data = data_lines(describe_data(event.spec))
                self.cycles, self.per_cycle = loop.cycles, loop.candidates
                self.evaluated, self._started = event.done, self.clock()
            case events.PhaseStarted():
                self._enter(event)
            case events.Proposed():
                self.now.proposed += 1
            case events.Evaluated():
                self._count(event.candidate, event.outcome)
            case events.Admitted():
                self.now.judged += 1
                self.now.admitted += event.admission.is_admitted
            case events.TuningStep():
                self.tuning = event

    def _enter(self, event: events.PhaseStarted) -> None:
        """Begin a phase; candidates are written and trained at the same time, so phases of one cycle alternate."""
        if event.cycle != self.cycle:
            self.now = self._before.pop(event.cycle, CycleCount())
        self._entered = self.clock()
        self.cycle, self.phase, self.tuning = event.cycle, event.phase, None

    def _count(self, candidate: Candidate, outcome: Outcome) -> None:
        self.evaluated += 1
        self._session += 1
        self.now.evaluated += 1
        self.recent.append((candidate, outcome))
        value, metric = outcome.value(self.metric.name), self.metric
        if value is None:
            return
        self.valid += 1
        self.now.valid += 1
        self.now.best = value if self.now.best is None else metric.best((self.now.best, value))
        if self.best is None or metric.key(value) > metric.key(self.best[0]):
            self.best = value, candidate.key

    @property
    def candidates(self) -> int:
        """Candidates the current cycle will have."""
        return max(self.per_cycle, self.now.proposed)

    @property
    def steps(self) -> tuple[int, int]:
        """Steps of the phase that are done, over the whole cycle, and all of them; 0 of 0 when that is not known."""
        match self.phase:
            case Phase.PROPOSE:
                return self.now.proposed, self.candidates
            case Phase.EVALUATE:
                return self.now.evaluated, self.candidates
            case Phase.ADMIT:
                return self.now.judged, self.candidates
            case _:
                return (self.tuning.step, self.tuning.steps) if self.tuning else (0, 0)

    @property
    def phase_s(self) -> float:
        """Seconds since the phase was entered last: a long batch shows that it is alive."""
        return self.clock() - self._entered

    @property
    def per_minute(self) -> float | None:
        """Candidates evaluated per minute since this run started, everything between them included."""
        elapsed = self.clock() - self._started
        return 60 * self._session / elapsed if self._session and elapsed > 0 else None

    @property
    def left_s(self) -> float | None:
        """Seconds until every cycle is done, at the rate so far; None before there is one."""
        rate = self.per_minute
        return None if rate is None else 60 * max(0, self.cycles * self.per_cycle - self.evaluated) / rate


def describe_left_out(event: events.Taught) -> str:
    """Return one line on the pairs that a lesson went without."""
    pairs = event.pairs + event.left_out
    return (
        f"lesson of cycle {event.cycle}: {event.left_out:,} of {pairs:,} pairs are longer than "
        f"{event.max_length:,} tokens (tune.max_length) and were left out"
    )


def describe_outcome(candidate: Candidate, outcome: Outcome, metric: Metric) -> str:
    """Return one line on what happened to a candidate, safe for a terminal."""
    failure = outcome.failure
    if failure is not None:
        line = f", line {failure.line}" if failure.line is not None else ""
        return (
            f"{candidate.key}  failed at {failure.stage.value}: {failure.kind.value}{line}: {one_line(failure.message)}"
        )
    elapsed = duration(outcome.seconds.get("total", 0.0))
    return (
        f"{candidate.key}  {metric.format(outcome.value(metric.name))}  {count(outcome.params)} parameters  {elapsed}"
    )
