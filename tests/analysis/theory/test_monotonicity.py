import numpy as np
import pytest

from archwright.analysis.theory.monotonicity import find_drops, holm
from archwright.analysis.theory.proxy import ranks, spearman


def test_a_rising_mean_has_no_drops_and_a_positive_slope():
    found = find_drops([[cycle + 0.1, cycle - 0.1, cycle] for cycle in range(5)])
    assert found.drops() == []
    assert found.slope == pytest.approx(1.0)
    assert found.slope_interval is not None
    assert found.slope_interval.low > 0.9
    assert [step.change for step in found.steps] == pytest.approx([1.0] * 4)


def test_a_fall_beyond_chance_is_found_at_its_cycle():
    found = find_drops([[0.5, 0.51, 0.52], [0.6, 0.61, 0.62], [0.1, 0.11, 0.12]])
    assert [step.place for step in found.drops()] == [2]


def test_welch_is_the_test_of_scipy():
    # scipy.stats.ttest_ind(later, earlier, equal_var=False, alternative="less")
    earlier, later = [1.0, 2.0, 3.0, 4.0], [1.0, 0.0, 5.0]
    assert find_drops([earlier, later]).steps[0].p_drop == pytest.approx(0.39229093347)


def test_many_steps_without_a_trend_contradict_rarely():
    rng = np.random.default_rng(0)
    drops = [bool(find_drops(rng.normal(size=(10, 20)).tolist()).drops()) for _ in range(100)]
    assert np.mean(drops) < 0.08


def test_cycles_of_equal_values_say_nothing_of_chance():
    assert find_drops([[0.5, 0.5], [0.4, 0.4]]).steps[0].p_drop == 1.0
    assert find_drops([[0.5, 0.5], [0.5, 0.5]]).drops() == []


def test_single_values_and_empty_cycles_say_nothing():
    found = find_drops([[0.5], [], [0.4]])
    assert found.drops() == []
    assert find_drops([]).slope is None


def test_holm_is_the_step_down_adjustment():
    assert holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])


def test_ranks_share_the_mean_of_ties():
    assert ranks([10, 20, 20, 5]).tolist() == [2, 3.5, 3.5, 1]


def test_spearman_is_that_of_scipy():
    # scipy.stats.spearmanr
    assert spearman([1, 2, 2, 4, 5], [3, 1, 4, 1, 5]) == pytest.approx(0.28947368421)
    assert spearman([1, 1], [1, 2]) is None
