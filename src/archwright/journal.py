"""The books of a study: what the archive holds, kept in memory too, and told to whoever watches."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from archwright import events
from archwright.analysis.repetition import repetition
from archwright.analysis.summary import CycleSummary, Totals, best_records, summarize_cycles, summarize_totals
from archwright.archive import Archive, CostRow, CycleRow
from archwright.candidate import Admission, Call, Candidate, Key, Outcome, Record, Trial
from archwright.config import StudyConfig
from archwright.errors import SpentError
from archwright.events import Event, Observer
from archwright.llm.spending import money_spent
from archwright.pipeline import Written
from archwright.stopping import reason_to_stop
from archwright.strategies.strategy import View
from archwright.task import Metric


@dataclass(frozen=True)
class StudyResult:
    """What a study has found so far."""

    run: Path
    reason: str
    """`complete`, `converged`, `interrupted`, `limit` or, for a study that is still going on, `running`."""
    cycles: list[CycleSummary]
    best: list[Record]
    """Best first; equal programs once."""
    totals: Totals
    metric: Metric
    """What they are scored by."""
    limit: SpentError | None = None
    """Which limit of tokens or money ended the run, where the reason is `limit`."""


class Journal:
    """Everything known about one study; every entry is in the archive before it is told to the observers."""

    def __init__(
        self,
        archive: Archive,
        config: StudyConfig,
        starters: Sequence[Record],
        metric: Metric,
        observers: Sequence[Observer],
    ) -> None:
        self._archive = archive
        self._config = config
        self._starters = starters
        self._metric = metric
        self._observers = tuple(observers)
        self._records: dict[Key, Record] = {record.candidate.key: record for record in archive.records()}
        self._rows: list[CycleRow] = archive.cycles()
        self._pending = len(self.waiting())
        self._asked: dict[int, Call] = archive.asked()
        self._in_turn: Callable[[Callable[[], None]], None] = lambda work: work()

    @property
    def cycle(self) -> int:
        """The cycle that is not closed yet, 1-based."""
        return len(self._rows) + 1

    @property
    def earlier_threshold(self) -> float | None:
        """The threshold of the cycle before."""
        return self._rows[-1].threshold if self._rows else None

    @property
    def evaluated(self) -> int:
        """How many candidates have their outcome."""
        return sum(record.outcome is not None for record in self._records.values())

    def waiting(self) -> list[Candidate]:
        """Return the candidates without an outcome."""
        return [record.candidate for record in self._records.values() if record.outcome is None]

    def view(self, threshold: float | None = None) -> View:
        """Return what a strategy sees of the open cycle."""
        records = list(self._records.values())
        return View(self._config, self.cycle, records, self._starters, self._metric, threshold, self._pending)

    def add(self, written: Written, settled: Mapping[Key, tuple[Trial, Outcome]]) -> None:
        """Enter candidates, before anything is done with them, and what it took to write them.

        With them the outcomes of those that were `settled` when they were written.
        """
        tokens = sum(each.prompt_tokens + each.completion_tokens for each in written.candidates)
        cost = CostRow(self.cycle, "propose", wall_s=written.wall_s, cpu_s=written.cpu_s, tokens=tokens)
        self._archive.add_candidates(written.candidates, settled, cost)
        is_late = self._records and min(each.key for each in written.candidates) < next(reversed(self._records))
        for candidate in written.candidates:
            self._records[candidate.key] = Record(candidate)
            self._pending += 1
            self.emit(events.Proposed(candidate))
        if is_late:  # A server answers in any order; everybody else reads the records by key.
            self._records = dict(sorted(self._records.items()))
        for candidate in written.candidates:
            if candidate.key in settled:
                self._know(candidate, *settled[candidate.key])

    @contextmanager
    def kept_by(self, in_turn: Callable[[Callable[[], None]], None]) -> Iterator[None]:
        """Have answers entered by way of `in_turn` within the block: whoever writes has a thread of its own."""
        before, self._in_turn = self._in_turn, in_turn
        try:
            yield
        finally:
            self._in_turn = before

    def find(self, seed: int) -> Call | None:
        """Return the answer that was sampled with `seed`, if it was kept and led to no candidate yet."""
        return self._asked.get(seed)

    def keep(self, seed: int, call: Call) -> None:
        """Enter an answer before it is used."""
        self._in_turn(lambda: self._archive.add_asked(seed, call))
        self._asked[seed] = call

    @property
    def calls(self) -> list[Call]:
        """Every answer of a language model so far."""
        used = [call for record in self._records.values() for call in record.candidate.calls]
        return [*used, *self._archive.asked().values()]

    def settle(self, candidate: Candidate, trial: Trial, outcome: Outcome) -> None:
        """Enter what happened to a candidate; raises ValueError for one that is not known or has its outcome."""
        record = self._records.get(candidate.key)
        if record is None or record.candidate != candidate:
            raise ValueError(f"candidate {candidate.key} was not proposed by this study")
        if record.outcome is not None:
            raise ValueError(f"candidate {candidate.key} has its outcome already")
        self._archive.add_outcome(candidate.key, trial, outcome)
        self._know(candidate, trial, outcome)

    def close_cycle(self, threshold: float | None, verdicts: Mapping[Key, Admission], cost: CostRow) -> None:
        """Enter the verdict on every candidate of the open cycle, which ends it."""
        row = CycleRow(self.cycle, threshold)
        self._archive.close_cycle(row, verdicts, cost)
        self._rows.append(row)
        for key, admission in verdicts.items():
            record = self._records[key] = replace(self._records[key], admission=admission)
            self.emit(events.Admitted(record.candidate, admission))
        self.emit(events.CycleFinished(row.cycle, threshold))

    def reason_to_stop(self) -> str | None:
        """Return `complete` or `converged` when the study is over."""
        loop = self._config.loop
        if len(self._rows) < loop.cycles and not loop.stop:
            return None  # asked for every candidate, which need not all be summarized for that
        cycles = summarize_cycles(list(self._records.values()), self._rows, self._metric)
        return reason_to_stop(cycles, loop, self._metric)

    def result(self, run: Path, reason: str, top: int) -> StudyResult:
        """Return what the study has found so far, with its `top` programs."""
        records = list(self._records.values())
        totals = summarize_totals(records, self._archive.costs(), money_spent(self._config, self.calls))
        repeated = repetition(records, self._rows, self._config, self._metric)
        cycles = summarize_cycles(records, self._rows, self._metric, repeated)
        return StudyResult(run, reason, cycles, best_records(records, top, self._metric), totals, self._metric)

    def emit(self, event: Event) -> None:
        """Tell the observers."""
        for observer in self._observers:
            observer(event)

    def _know(self, candidate: Candidate, trial: Trial, outcome: Outcome) -> None:
        self._records[candidate.key] = self._records[candidate.key].tried(trial, outcome)
        self._pending -= 1
        self.emit(events.Evaluated(candidate, outcome))
