"""A study in numbers: each cycle as in the closed-loop paper, and what everything cost (its section L).

The same summaries feed the stopping rule, the tables on the terminal, `search --json` and the report.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import median
from types import MappingProxyType
from typing import TYPE_CHECKING

from archwright.analysis.documents import bounds, picked
from archwright.analysis.failures import is_near_duplicate
from archwright.analysis.intervals import Interval, t_interval, wilson
from archwright.analysis.repairs import AskedAgain, RepairRate, summarize_asked_again, summarize_repairs
from archwright.analysis.text import count
from archwright.candidate import Record
from archwright.task import Metric

if TYPE_CHECKING:
    from archwright.archive import CostRow, CycleRow


@dataclass(frozen=True, slots=True)
class CycleSummary:
    """One cycle in numbers; scores are by the task's metric, shares in [0, 1], intervals at 95 %."""

    cycle: int
    generated: int
    """Candidates written."""
    evaluated: int
    """Candidates with an outcome; fewer than written only while the cycle runs."""
    valid: int
    """Candidates trained and scored."""
    admitted: int
    """Candidates that joined the elite, topped-up ones included."""
    rejections: int
    """Near-duplicates refused."""
    best: float | None
    mean: float | None
    median: float | None
    """Best, mean and median score of the valid candidates; None when there are none."""
    above_threshold: float | None
    """Share of the valid candidates at or above the threshold; None without valid candidates or threshold."""
    threshold: float | None
    """Score that decided the elite; None while the cycle is not finished."""
    is_finished: bool
    """Whether every verdict of the cycle is archived."""
    valid_interval: Interval
    """Wilson interval of the valid rate; [0, 1] when nothing was evaluated."""
    mean_interval: Interval | None
    """t-interval of the mean, cut to the metric's bounds; None for fewer than two valid candidates."""
    above_threshold_interval: Interval
    """Wilson interval of the share above the threshold; [0, 1] when nothing is known."""
    repetition: float | None = None
    """J_gen (`analysis.repetition`); None for fewer than two valid candidates, and where it was not asked for."""

    @property
    def valid_rate(self) -> float | None:
        """Share of the evaluated candidates that were valid; None when there are none."""
        return self.valid / self.evaluated if self.evaluated else None

    def as_json(self) -> dict[str, object]:
        """Return the documented keys of `search --json`, intervals as [low, high]."""
        counts, scores = ("cycle", "generated", "valid", "admitted", "rejections"), ("best", "mean", "median")
        return picked(self, *counts, *scores, "above_threshold", "threshold", "evaluated") | {
            "finished": self.is_finished,
            "j_gen": self.repetition,
            "intervals": {
                "valid_rate": bounds(self.valid_interval if self.evaluated else None),
                "mean": bounds(self.mean_interval),
                "above_threshold": bounds(self.above_threshold_interval if self.above_threshold is not None else None),
            },
        }


NOT_ASKED_FOR: Mapping[int, float] = MappingProxyType({})
AMOUNTS = ("wall_s", "cpu_s", "gpu_s", "tokens", "bytes")
PROPOSE, EVALUATE = "propose", "evaluate"
STAGE_ORDER = (PROPOSE, EVALUATE, "novelty", "tune", "final")
"""Stages as they are listed; others follow in the order they were recorded."""


@dataclass(frozen=True, slots=True)
class StageCost:
    """What one stage of the loop used; wall seconds of parallel candidates add up."""

    stage: str
    wall_s: float = 0.0
    cpu_s: float = 0.0
    gpu_s: float = 0.0
    tokens: int = 0
    bytes: int = 0

    def plus(self, more: StageCost | CostRow) -> StageCost:
        """Return this cost with more added."""
        return StageCost(self.stage, *(getattr(self, name) + getattr(more, name) for name in AMOUNTS))


@dataclass(frozen=True, slots=True)
class Totals:
    """What a study produced and used, over all its cycles."""

    generated: int
    evaluated: int
    valid: int
    admitted: int
    valid_interval: Interval
    """Wilson interval of the valid rate."""
    prompt_tokens: int
    completion_tokens: int
    stages: tuple[StageCost, ...]
    cached: int = 0
    """Outcomes that came from the result cache and cost nothing."""
    repairs: tuple[RepairRate, ...] = ()
    """The valid rate after each step from completion to program; empty where no model wrote candidates."""
    asked_again: AskedAgain | None = None
    """What `llm.repair_rounds` brought; None where no model was asked again."""
    without_suggestion: int = 0
    """Candidates for which the improver's answers were no advice; the fact `no_suggestion` of each says why."""
    money: float | None = None
    """What language models cost, in the currency of their prices; None where there are no prices."""
    estimated_calls: int = 0
    """Requests whose tokens are our estimate, because the server did not count them."""

    @property
    def valid_rate(self) -> float | None:
        """Share of the evaluated candidates that were valid; None when there are none."""
        return self.valid / self.evaluated if self.evaluated else None

    @property
    def overall(self) -> StageCost:
        """The sum over all stages."""
        total = StageCost("total")
        for cost in self.stages:
            total = total.plus(cost)
        return total

    def as_json(self) -> dict[str, object]:
        """Return the documented `totals` of `search --json`."""
        overall = self.overall
        return picked(self, "generated", "evaluated", "valid", "admitted", "cached", "valid_rate") | {
            "valid_rate_interval": bounds(self.valid_interval if self.evaluated else None),
            "repairs": {rate.repair.value: rate.as_json() for rate in self.repairs},
            "asked_again": None if self.asked_again is None else self.asked_again.as_json(),
            "without_suggestion": self.without_suggestion,
            "tokens": {"prompt": self.prompt_tokens, "completion": self.completion_tokens, "all": overall.tokens},
            "seconds": {"wall": overall.wall_s, "cpu": overall.cpu_s, "gpu": overall.gpu_s},
            "money": self.money,
            "estimated_calls": self.estimated_calls,
            "bytes": overall.bytes,
            "stages": {cost.stage: _amounts(cost, 1) for cost in self.stages},
            "per_candidate": _amounts(overall, self.generated) if self.generated else None,
            "per_valid": _amounts(overall, self.valid) if self.valid else None,
        }


def summarize_cycles(
    records: Sequence[Record],
    cycles: Sequence[CycleRow],
    metric: Metric,
    repetition: Mapping[int, float] = NOT_ASKED_FOR,
) -> list[CycleSummary]:
    """Return one summary per cycle that has candidates or is closed, in order, with J_gen where it is given."""
    found = by_cycle(records)
    thresholds = {row.cycle: row.threshold for row in cycles}
    return [
        replace(_summarize(cycle, found.get(cycle, []), thresholds, metric), repetition=repetition.get(cycle))
        for cycle in sorted(found.keys() | thresholds.keys())
    ]


def by_cycle(records: Iterable[Record]) -> dict[int, list[Record]]:
    """Return the records of every cycle, in order."""
    found: defaultdict[int, list[Record]] = defaultdict(list)
    for record in records:
        found[record.candidate.key.cycle].append(record)
    return dict(sorted(found.items()))


def values(records: Iterable[Record], metric: Metric) -> list[float]:
    """Return the score of every valid record, in order."""
    found = (record.value(metric.name) for record in records)
    return [value for value in found if value is not None]


def best_records(records: Iterable[Record], k: int | None, metric: Metric) -> list[Record]:
    """Return the `k` valid records with the best score, earliest first among equals, each program once.

    None asks for all of them.
    """
    scored = [(value, record) for record in records if (value := record.value(metric.name)) is not None]
    ranked = sorted(scored, key=lambda pair: (-metric.key(pair[0]), pair[1].candidate.key))
    first_of_program: dict[str, Record] = {}
    for _, record in ranked:
        first_of_program.setdefault(record.program.digest, record)
    return list(first_of_program.values())[:k]


def summarize_totals(records: Sequence[Record], costs: Sequence[CostRow], money: float | None = None) -> Totals:
    """Return what all `records` came to, and the `money` that language models cost.

    Evaluation is added up from the outcomes, every other stage from `costs`; a stage `propose` without cost rows falls
    back on the candidates' own generation times.
    """
    valid = sum(record.is_valid for record in records)
    stages: dict[str, StageCost] = {}
    for row in costs:
        stages[row.stage] = stages.get(row.stage, StageCost(row.stage)).plus(row)
    candidates = [record.candidate for record in records]
    outcomes = [record.outcome for record in records if record.outcome is not None]
    if PROPOSE not in stages and candidates:
        tokens = sum(candidate.prompt_tokens + candidate.completion_tokens for candidate in candidates)
        stages[PROPOSE] = StageCost(PROPOSE, wall_s=sum(c.generate_s for c in candidates), tokens=tokens)
    if outcomes:
        stages[EVALUATE] = StageCost(
            EVALUATE,
            wall_s=sum(outcome.seconds.get("total", 0.0) for outcome in outcomes),
            cpu_s=sum(outcome.cpu_s for outcome in outcomes),
            gpu_s=sum(outcome.gpu_s for outcome in outcomes),
            bytes=sum(outcome.received_bytes for outcome in outcomes),
        )
    return Totals(
        generated=len(records),
        evaluated=len(outcomes),
        valid=valid,
        admitted=sum(record.is_admitted for record in records),
        valid_interval=wilson(valid, len(outcomes)),
        prompt_tokens=sum(candidate.prompt_tokens for candidate in candidates),
        completion_tokens=sum(candidate.completion_tokens for candidate in candidates),
        stages=tuple(sorted(stages.values(), key=_place)),
        cached=sum(outcome.cached for outcome in outcomes),
        money=money,
        estimated_calls=sum(call.is_estimated for candidate in candidates for call in candidate.calls),
        repairs=summarize_repairs(records),
        asked_again=summarize_asked_again(records),
        without_suggestion=sum("no_suggestion" in candidate.facts for candidate in candidates),
    )


def describe_money(totals: Totals) -> str:
    """Return what language models cost, and how far that is an estimate; empty where there is nothing to say."""
    words = []
    if totals.money is not None:
        words.append(f"language models cost {totals.money:,.4f} at the prices given")
    if totals.estimated_calls:
        requests = "1 request" if totals.estimated_calls == 1 else f"{count(totals.estimated_calls)} requests"
        words.append(f"the server did not count the tokens of {requests}, which are estimated")
    return "; ".join(words)


def _place(cost: StageCost) -> int:
    return STAGE_ORDER.index(cost.stage) if cost.stage in STAGE_ORDER else len(STAGE_ORDER)


def _summarize(
    cycle: int, records: Sequence[Record], thresholds: Mapping[int, float | None], metric: Metric
) -> CycleSummary:
    scores, threshold = values(records, metric), thresholds.get(cycle)
    evaluated = sum(record.outcome is not None for record in records)
    mean = t_interval(scores)
    n_above = 0 if threshold is None else sum(metric.reaches(value, threshold) for value in scores)
    has_share = threshold is not None and bool(scores)
    return CycleSummary(
        cycle=cycle,
        generated=len(records),
        evaluated=evaluated,
        valid=len(scores),
        admitted=sum(record.is_admitted for record in records),
        rejections=sum(is_near_duplicate(record) for record in records),
        best=metric.best(scores),
        mean=mean.mean,
        median=median(scores) if scores else None,
        above_threshold=n_above / len(scores) if has_share else None,
        threshold=threshold,
        is_finished=cycle in thresholds,
        valid_interval=wilson(len(scores), evaluated),
        mean_interval=mean.within(metric.bounds),
        above_threshold_interval=wilson(n_above, len(scores)) if has_share else wilson(0, 0),
    )


def _amounts(cost: StageCost, divisor: int) -> dict[str, float]:
    return {name: getattr(cost, name) / divisor for name in AMOUNTS}
