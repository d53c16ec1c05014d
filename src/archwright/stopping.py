"""When the loop has converged: the stopping rule of section D of the closed-loop paper."""

from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

from archwright.config import LoopConfig
from archwright.task import Metric

if TYPE_CHECKING:
    from archwright.analysis.summary import CycleSummary


def reason_to_stop(summaries: "Sequence[CycleSummary]", loop: LoopConfig, metric: Metric) -> str | None:
    """Return `complete` or `converged` when the finished ones among `summaries` end the loop, else None."""
    finished = [summary for summary in summaries if summary.is_finished]
    if len(finished) >= loop.cycles:
        return "complete"
    if loop.stop and has_converged(finished, loop.stop_window, loop.stop_epsilon, metric):
        return "converged"
    return None


def first_converged(summaries: "Sequence[CycleSummary]", loop: LoopConfig, metric: Metric) -> int | None:
    """Return the first cycle after which the rule held, whether or not the study stopped there; None while never."""
    finished = [summary for summary in summaries if summary.is_finished]
    for end, summary in enumerate(finished, start=1):
        if has_converged(finished[:end], loop.stop_window, loop.stop_epsilon, metric):
            return summary.cycle
    return None


def has_converged(summaries: "Sequence[CycleSummary]", window: int, epsilon: float, metric: Metric) -> bool:
    """Return whether the last `window` cycles show a plateau.

    Both must hold across those consecutive cycles: the mean score improved by less than `epsilon` from the first to
    the last of them (a decline is no improvement), and every cycle's share above the threshold lies within every
    cycle's Wilson interval. A cycle without valid candidates has no mean; a window that holds one has not converged.
    """
    last = summaries[-window:]
    if window < 2 or len(last) < window or any(b.cycle != a.cycle + 1 for a, b in pairwise(last)):
        return False
    first_mean, last_mean = last[0].mean, last[-1].mean
    shares = [summary.above_threshold for summary in last]
    if first_mean is None or last_mean is None or any(share is None for share in shares):
        return False
    is_flat = metric.key(last_mean) - metric.key(first_mean) < epsilon
    return is_flat and all(
        share in summary.above_threshold_interval for share in shares if share is not None for summary in last
    )
