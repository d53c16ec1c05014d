"""Who joins the elite: the threshold and the top-up rule of the closed-loop paper.

Novelty is decided elsewhere; here a verdict is only read, and said in which order it is asked for.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from statistics import mean
from typing import TYPE_CHECKING

from archwright.candidate import AdmissionReason, Fidelity, Key, Record
from archwright.config import LoopConfig, StudyConfig
from archwright.errors import UsageError
from archwright.task import Metric

if TYPE_CHECKING:
    from archwright.strategies.strategy import View


class ThresholdAdmission:
    """The published rule of admission, for strategies that have none of their own."""

    def admit(self, view: "View", is_novel: Mapping[Key, bool]) -> Mapping[Key, AdmissionReason]:
        """Return the verdict on every candidate of the cycle."""
        return select_elite(view.mine, is_novel, view.threshold, view.config.loop, view.metric)


def check_threshold(loop: LoopConfig, metric: Metric) -> None:
    """Raise UsageError for a configured threshold that no score can be."""
    threshold, (low, high) = loop.threshold, metric.bounds
    if threshold is not None and not low <= threshold <= high:
        raise UsageError(
            f"loop.threshold = {threshold:g} is not valid: {metric.name} must be within {low:g} and {high:g}",
            "give a score within them, or leave it out",
        )


def threshold_of_study(
    config: StudyConfig, records: Sequence[Record], earlier: float | None, metric: Metric
) -> float | None:
    """Return the score that makes an elite, or None while no candidate was ever valid.

    A configured threshold is fixed, and so is one that an `earlier` cycle has settled; a published one holds for the
    fidelity that it was published for. Otherwise the quantile of the first cycle that had valid candidates decides.
    """
    if config.loop.threshold is not None:
        return config.loop.threshold
    if earlier is not None:
        return earlier
    fidelity = config.as_task().fidelity
    if fidelity == Fidelity(recipe=fidelity.recipe) and config.task in metric.published:
        return metric.published[config.task]
    values = [value for record in records if (value := record.value(metric.name)) is not None]
    found = quantile_threshold(map(metric.key, values), config.loop.threshold_quantile)
    return None if found is None else metric.key(found)


def quantile_threshold(values: Iterable[float], quantile: float) -> float | None:
    """Return the `quantile` of `values`, linearly interpolated, or None when there are none.

    The threshold wherever none is published.
    """
    ordered = sorted(values)
    if not ordered:
        return None
    place = quantile * (len(ordered) - 1)
    below = math.floor(place)
    above = min(below + 1, len(ordered) - 1)
    # Clamped: rounding must not lift the threshold above the best value it was taken from.
    return min(ordered[below] + (place - below) * (ordered[above] - ordered[below]), ordered[above])


def admission_order(
    records: Sequence[Record], threshold: float | None, loop: LoopConfig, metric: Metric
) -> list[Record]:
    """Return the valid ones among `records` in the order in which they may join, each then known to those after it.

    Those that reach the threshold as they were proposed, then the others, best first; with `loop.threshold_first` off
    all as they were proposed.
    """

    def place(scored: tuple[float, Record]) -> tuple[float, Key]:
        value, record = scored
        is_first = not loop.threshold_first or (threshold is not None and metric.reaches(value, threshold))
        return -math.inf if is_first else -metric.key(value), record.candidate.key

    scored = [(value, record) for record in records if (value := record.value(metric.name)) is not None]
    return [record for _, record in sorted(scored, key=place)]


def select_elite(
    records: Sequence[Record],
    is_novel: Mapping[Key, bool],
    threshold: float | None,
    loop: LoopConfig,
    metric: Metric,
) -> dict[Key, AdmissionReason]:
    """Return the verdict on every record of one cycle, keyed in the order of `records`.

    Valid, novel candidates that reach `threshold` are admitted. While fewer than `loop.top_up` are, the best of the
    other novel ones down to the floor join, ties in the order they were proposed. The floor is `loop.top_up_ratio *
    threshold`, or `threshold` divided by that ratio where this is worse (lower is better, or scores are negative);
    with `loop.top_up_mean` it is at least the mean of the cycle's valid ones. A valid candidate without a verdict in
    `is_novel` is taken for novel. Without a threshold nobody is admitted. Near-duplicates that would have joined are
    called that; with `loop.threshold_first` off all of them are.
    """

    def reason_of(record: Record) -> AdmissionReason:
        value, is_new = record.value(metric.name), is_novel.get(record.candidate.key, True)
        if value is None:
            return AdmissionReason.INVALID
        has_reached = threshold is not None and metric.reaches(value, threshold)
        if not is_new and (has_reached or not loop.threshold_first):
            return AdmissionReason.NEAR_DUPLICATE
        return AdmissionReason.ADMITTED if has_reached else AdmissionReason.BELOW_THRESHOLD

    reasons = {record.candidate.key: reason_of(record) for record in records}
    if threshold is None:
        return reasons
    missing = loop.top_up - sum(reason is AdmissionReason.ADMITTED for reason in reasons.values())
    ratio = max(loop.top_up_ratio, 1e-12)
    # The worse of both. 0.875 * 0.40 is a hair above 0.35 in floating point; a candidate at exactly 0.35 is in.
    floor = min(metric.key(ratio * threshold), metric.key(threshold / ratio)) - 1e-9
    valid = [metric.key(value) for record in records if (value := record.value(metric.name)) is not None]
    if loop.top_up_mean and valid:
        floor = max(floor, mean(valid))  # exact: fmean can lie above values that are all equal
    waiting = [
        (-metric.key(value), record.candidate.key)
        for record in records
        if reasons[record.candidate.key] is AdmissionReason.BELOW_THRESHOLD
        and (value := record.value(metric.name)) is not None
        and metric.key(value) >= floor
    ]
    for _, key in sorted(waiting):
        if missing <= 0:
            break
        is_new = is_novel.get(key, True)
        reasons[key] = AdmissionReason.TOPPED_UP if is_new else AdmissionReason.NEAR_DUPLICATE
        missing -= is_new
    return reasons
