from dataclasses import replace

import pytest

from archwright.analysis.intervals import wilson
from archwright.analysis.summary import CycleSummary
from archwright.config import LoopConfig
from archwright.contracts.network import ACCURACY
from archwright.stopping import first_converged, has_converged, reason_to_stop
from archwright.task import Metric


def cycle(number: int, mean: float | None, above: int = 60, valid: int = 100) -> CycleSummary:
    if mean is None:
        valid = above = 0
    return CycleSummary(
        cycle=number,
        generated=150,
        evaluated=150,
        valid=valid,
        admitted=0,
        rejections=0,
        best=mean,
        mean=mean,
        median=mean,
        above_threshold=above / valid if valid else None,
        threshold=0.4,
        is_finished=True,
        valid_interval=wilson(valid, 150),
        mean_interval=None,
        above_threshold_interval=wilson(above, valid),
    )


def test_a_plateau_has_converged():
    assert has_converged([cycle(1, 0.40), cycle(2, 0.402), cycle(3, 0.404)], window=3, epsilon=0.005, metric=ACCURACY)


def test_an_improvement_of_epsilon_goes_on():
    assert not has_converged(
        [cycle(1, 0.50), cycle(2, 0.50), cycle(3, 0.51)], window=3, epsilon=0.01 - 1e-12, metric=ACCURACY
    )


def test_a_decline_is_no_improvement():
    assert has_converged([cycle(1, 0.45), cycle(2, 0.44), cycle(3, 0.43)], window=3, epsilon=0.005, metric=ACCURACY)


def test_a_share_that_still_moves_goes_on():
    moving = [cycle(1, 0.40, above=40), cycle(2, 0.40, above=60), cycle(3, 0.40, above=80)]
    assert not has_converged(moving, window=3, epsilon=0.005, metric=ACCURACY)


def test_only_the_last_cycles_count():
    summaries = [cycle(1, 0.1, above=1), cycle(2, 0.40), cycle(3, 0.40), cycle(4, 0.40)]
    assert has_converged(summaries, window=3, epsilon=0.005, metric=ACCURACY)


def test_too_few_cycles_have_not_converged():
    assert not has_converged([cycle(1, 0.40), cycle(2, 0.40)], window=3, epsilon=0.005, metric=ACCURACY)


@pytest.mark.parametrize("empty", [1, 2, 3])
def test_a_cycle_without_valid_candidates_has_not_converged(empty):
    summaries = [cycle(n, None if n == empty else 0.40) for n in (1, 2, 3)]
    assert not has_converged(summaries, window=3, epsilon=0.005, metric=ACCURACY)


def test_by_the_published_figures_the_rule_holds_from_cycle_18_on_and_not_before():
    """Cycles 1, 10, 18 and 22, whose means and shares are known, as if they followed one another.

    The paper (section D) would have stopped at cycle 18 or 19; what lies between is not published.
    """
    known = [(0.2806, 1, 49), (0.3770, 35, 92), (0.5099, 91, 94), (0.4948, 52, 56)]
    summaries = [cycle(n, mean, above, valid) for n, (mean, above, valid) in enumerate(known, start=1)]
    assert [round(100 * summary.above_threshold, 2) for summary in summaries] == [2.04, 38.04, 96.81, 92.86]

    stops = [n for n in (2, 3, 4) if has_converged(summaries[:n], window=2, epsilon=0.005, metric=ACCURACY)]

    assert stops == [4]
    assert not has_converged(summaries, window=3, epsilon=0.005, metric=ACCURACY)


def test_a_run_like_the_published_one_stops_when_its_last_cycles_are_flat():
    shares = [2, 20, 38, 60, 80, 95, 96, 97]
    means = [0.2806, 0.31, 0.3770, 0.42, 0.47, 0.508, 0.509, 0.5099]
    summaries = [cycle(n, mean, above) for n, (mean, above) in enumerate(zip(means, shares, strict=True), start=1)]
    stops = [n for n in range(1, 9) if has_converged(summaries[:n], window=3, epsilon=0.005, metric=ACCURACY)]
    assert stops == [8]


def test_a_study_ends_when_it_is_complete_or_has_converged_and_only_with_finished_cycles():
    plateau = [cycle(1, 0.40), cycle(2, 0.40), cycle(3, 0.40)]
    assert reason_to_stop(plateau, LoopConfig(cycles=3), ACCURACY) == "complete"
    assert reason_to_stop(plateau, LoopConfig(cycles=4), ACCURACY) == "converged"
    assert reason_to_stop(plateau, LoopConfig(cycles=4, stop=False), ACCURACY) is None
    still_open = [*plateau[:2], replace(plateau[2], is_finished=False)]
    assert reason_to_stop(still_open, LoopConfig(cycles=3), ACCURACY) is None


def test_where_lower_is_better_a_falling_mean_is_an_improvement():
    error = Metric("error", higher_is_better=False)
    falling, rising = [cycle(n, 0.5 - n / 100) for n in (1, 2, 3)], [cycle(n, 0.5 + n / 100) for n in (1, 2, 3)]
    assert not has_converged(falling, window=3, epsilon=0.005, metric=error)
    assert has_converged(rising, window=3, epsilon=0.005, metric=error)


def test_in_retrospect_the_rule_names_the_first_cycle_at_which_it_held():
    means = [0.30, 0.36, 0.40, 0.401, 0.402, 0.47]
    summaries = [cycle(n, mean) for n, mean in enumerate(means, start=1)]
    loop = LoopConfig(stop=False, stop_window=3, stop_epsilon=0.005)

    assert first_converged(summaries, loop, ACCURACY) == 5
    assert first_converged(summaries[:4], loop, ACCURACY) is None
