"""Why candidates failed, counted by stage and kind."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from archwright.candidate import AdmissionReason, FailureKind, Record, Stage


@dataclass(frozen=True, slots=True)
class FailureCount:
    """How often candidates failed at one stage in one way."""

    stage: Stage
    kind: FailureKind
    count: int
    example: str
    """The message of the first such failure."""


def count_failures(records: Iterable[Record]) -> list[FailureCount]:
    """Return how many candidates failed in which way, by stage in the order of evaluation, then most frequent first."""
    counts: Counter[tuple[Stage, FailureKind]] = Counter()
    examples: dict[tuple[Stage, FailureKind], str] = {}
    for record in records:
        if record.outcome is not None and (failure := record.outcome.failure) is not None:
            counts[failure.stage, failure.kind] += 1
            examples.setdefault((failure.stage, failure.kind), failure.message)
    order = list(Stage)
    found = [FailureCount(stage, kind, n, examples[stage, kind]) for (stage, kind), n in counts.items()]
    return sorted(found, key=lambda item: (order.index(item.stage), -item.count, item.kind))


def is_near_duplicate(record: Record) -> bool:
    """Return whether the novelty filter refused the record, before or after training."""
    if record.admission is not None and record.admission.reason is AdmissionReason.NEAR_DUPLICATE:
        return True
    failure = record.outcome.failure if record.outcome is not None else None
    return failure is not None and failure.kind is FailureKind.NEAR_DUPLICATE
