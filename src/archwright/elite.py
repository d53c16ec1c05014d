"""Who joins the elite: the accuracy threshold and the top-up rule of the closed-loop paper.

Novelty is decided elsewhere; here a verdict is only read.
"""

import math
from collections.abc import Iterable, Mapping, Sequence

from archwright.candidate import AdmissionReason, Key, Record
from archwright.config import LoopConfig


def quantile_threshold(accuracies: Iterable[float], quantile: float) -> float | None:
    """Return the `quantile` of `accuracies`, linearly interpolated, or None when there are none.

    The default threshold on data for which none is published: 0.40 was the 98th percentile of cycle 1 on CIFAR-10.
    """
    ordered = sorted(accuracies)
    if not ordered:
        return None
    place = quantile * (len(ordered) - 1)
    below = math.floor(place)
    above = min(below + 1, len(ordered) - 1)
    # Clamped: rounding must not lift the threshold above the best accuracy it was taken from.
    return min(ordered[below] + (place - below) * (ordered[above] - ordered[below]), ordered[above])


def select_elite(
    records: Sequence[Record], is_novel: Mapping[Key, bool], threshold: float | None, loop: LoopConfig
) -> dict[Key, AdmissionReason]:
    """Return the verdict on every record of one cycle, keyed in the order of `records`.

    Valid, novel candidates at or above `threshold` are admitted. While fewer than `loop.top_up` are, the best of the
    other novel ones at or above `loop.top_up_ratio * threshold` join, ties in the order they were proposed. A valid
    candidate without a verdict in `is_novel` is taken for novel. Without a threshold nobody is admitted.
    """
    reasons = {record.candidate.key: _reason(record, is_novel, threshold) for record in records}
    if threshold is None:
        return reasons
    admitted = sum(reason is AdmissionReason.ADMITTED for reason in reasons.values())
    # 0.875 * 0.40 is a hair above 0.35 in floating point; a candidate at exactly 0.35 is in.
    floor = loop.top_up_ratio * threshold - 1e-9
    waiting = [
        (-accuracy, record.candidate.key.index, record.candidate.key)
        for record in records
        if reasons[record.candidate.key] is AdmissionReason.BELOW_THRESHOLD
        and (accuracy := _accuracy(record)) is not None
        and accuracy >= floor
    ]
    for _, _, key in sorted(waiting, key=lambda item: item[:2])[: max(0, loop.top_up - admitted)]:
        reasons[key] = AdmissionReason.TOPPED_UP
    return reasons


def _reason(record: Record, is_novel: Mapping[Key, bool], threshold: float | None) -> AdmissionReason:
    accuracy = _accuracy(record)
    if accuracy is None:
        return AdmissionReason.INVALID
    if not is_novel.get(record.candidate.key, True):
        return AdmissionReason.NEAR_DUPLICATE
    return (
        AdmissionReason.ADMITTED if threshold is not None and accuracy >= threshold else AdmissionReason.BELOW_THRESHOLD
    )


def _accuracy(record: Record) -> float | None:
    return None if record.outcome is None else record.outcome.accuracy
