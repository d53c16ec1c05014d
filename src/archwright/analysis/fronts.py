"""The Pareto front of a study: programs that no other beats in score without costing more."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from archwright.analysis.summary import best_records
from archwright.candidate import Record
from archwright.task import Metric


def _latency_ms(record: Record) -> float | None:
    """Milliseconds an image when the box answered, batches as in the search, copying of answers included."""
    outcome = record.outcome
    if outcome is None or outcome.scores is None or not outcome.scores.n or "predict" not in outcome.seconds:
        return None
    return 1_000 * outcome.seconds["predict"] / outcome.scores.n


COSTS: Mapping[str, Callable[[Record], float | None]] = {
    "parameters": lambda record: None if record.outcome is None else record.outcome.params,
    "FLOPs": lambda record: None if record.outcome is None else record.outcome.flops,
    "latency": _latency_ms,
}
"""What a network costs: smaller is better; None where it is not known."""


@dataclass(frozen=True, slots=True)
class OnFront:
    """A program that is on at least one front."""

    record: Record
    fronts: tuple[str, ...]
    """The names of its fronts, of COSTS."""


def front(records: Sequence[Record], metric: Metric, cost: Callable[[Record], float | None]) -> list[Record]:
    """Return the valid programs that are better than every cheaper or equally cheap one, cheapest first."""
    priced = [(found, record) for record in best_records(records, None, metric) if (found := cost(record)) is not None]
    kept: list[Record] = []
    for _, record in sorted(priced, key=lambda pair: pair[0]):  # The best first among equally cheap ones, as before.
        if not kept or metric.key(_value(record, metric)) > metric.key(_value(kept[-1], metric)):
            kept.append(record)
    return kept


def all_fronts(records: Sequence[Record], metric: Metric) -> list[OnFront]:
    """Return every program on a front of COSTS, best score first."""
    fronts = {name: {each.program.digest for each in front(records, metric, cost)} for name, cost in COSTS.items()}
    return [
        OnFront(record, names)
        for record in best_records(records, None, metric)
        if (names := tuple(name for name, digests in fronts.items() if record.program.digest in digests))
    ]


def _value(record: Record, metric: Metric) -> float:
    value = record.value(metric.name)
    assert value is not None
    return value
