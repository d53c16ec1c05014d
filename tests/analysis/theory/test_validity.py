import math

import numpy as np
import pytest

from archwright.analysis.theory.validity import fit_validity


def sampled(shares: np.ndarray, lines: np.ndarray) -> list[bool]:
    return (np.random.default_rng(0).random(len(lines)) < shares).tolist()


def test_the_markov_model_is_found_again():
    lines = np.tile(np.arange(1, 301), 60)
    found = fit_validity(lines.tolist(), sampled(0.9 * 0.995 ** (lines - 1), lines))
    assert found is not None
    assert found.markov.lambda_ == pytest.approx(0.995, abs=0.0005)
    assert found.markov.pi_0 == pytest.approx(0.9, abs=0.03)
    assert found.is_decreasing


def test_the_logistic_regression_is_found_again_and_likelier_than_markov_where_it_is_true():
    lines = np.tile(np.arange(1, 101), 100)
    found = fit_validity(lines.tolist(), sampled(1 / (1 + np.exp(-(4 - 0.1 * lines))), lines))
    assert found is not None
    assert found.logistic.slope == pytest.approx(-0.1, abs=0.005)
    assert found.logistic.intercept == pytest.approx(4, abs=0.2)
    assert -0.1 in found.logistic.slope_interval
    assert found.logistic.log_likelihood > found.markov.log_likelihood + 10
    assert -found.logistic.intercept / found.logistic.slope == pytest.approx(40, abs=1)  # Where half are valid.


def test_more_valid_programs_with_more_lines_leave_lambda_at_one():
    found = fit_validity([1, 2, 3, 4, 5, 6], [False, False, True, False, True, True])
    assert found is not None
    assert found.markov.lambda_ == pytest.approx(1.0, abs=1e-6)
    assert not found.is_decreasing


def test_lines_that_part_valid_from_invalid_completely_show_the_effect():
    lines = list(range(1, 101))
    for is_valid, is_decreasing in ([n <= 50 for n in lines], True), ([n > 50 for n in lines], False):
        found = fit_validity(lines, is_valid)
        assert found is not None
        assert found.is_decreasing is is_decreasing
        assert np.isfinite(found.logistic.slope)
        assert found.logistic.slope in found.logistic.slope_interval
        interval = found.logistic.slope_interval
        assert (interval.low == -math.inf, interval.high == math.inf) == (is_decreasing, not is_decreasing)


def test_two_programs_show_nothing():
    found = fit_validity([1, 2], [True, False])
    assert found is not None
    assert not found.is_decreasing


def test_an_effect_is_shown_just_where_it_is_likelier_than_none_by_the_chi_square():
    for n in range(10, 31):
        lines, is_valid = [1] * n + [2] * n, [True] * (n - 2) + [False] * 2 + [True] * (n - 6) + [False] * 6
        found = fit_validity(lines, is_valid)
        assert found is not None
        share = np.mean(is_valid)
        constant = 2 * n * (share * np.log(share) + (1 - share) * np.log(1 - share))
        assert found.is_decreasing == (2 * (found.logistic.log_likelihood - constant) > 3.841459), n


def test_the_interval_holds_the_truth_as_often_as_it_says():
    lines, rng = np.tile(np.arange(1, 41), 3), np.random.default_rng(0)
    shares = 1 / (1 + np.exp(-(2 - 0.1 * lines)))
    found = [fit_validity(lines.tolist(), (rng.random(len(lines)) < shares).tolist()) for _ in range(40)]
    assert 36 <= sum(-0.1 in each.logistic.slope_interval for each in found if each is not None) < 40


@pytest.mark.parametrize(
    ("lines", "is_valid"), [([], []), ([1, 2], [True, True]), ([1, 2], [False, False]), ([3, 3], [True, False])]
)
def test_what_does_not_vary_says_nothing(lines, is_valid):
    assert fit_validity(lines, is_valid) is None
