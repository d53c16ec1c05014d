import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archwright.analysis.intervals import Interval, t_interval, wilson


def test_wilson_reproduces_the_published_interval_of_24_out_of_30():
    interval = wilson(24, 30)
    assert interval.low == pytest.approx(0.627, abs=5e-4)
    assert interval.high == pytest.approx(0.905, abs=5e-4)


def test_wilson_knows_nothing_without_observations():
    assert wilson(0, 0) == Interval(0.0, 1.0)


def test_wilson_reaches_the_ends_exactly():
    assert wilson(0, 7).low == 0.0
    assert wilson(7, 7).high == 1.0


def test_wilson_refuses_more_successes_than_trials():
    with pytest.raises(ValueError, match="3 successes out of 2"):
        wilson(3, 2)


@given(st.integers(1, 500).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_wilson_holds_the_share_and_mirrors(counts):
    k, n = counts
    interval = wilson(k, n)
    assert 0 <= interval.low <= interval.high <= 1
    assert k / n in interval
    mirrored = wilson(n - k, n)
    assert mirrored.low == pytest.approx(1 - interval.high)


def test_t_interval_matches_the_textbook():
    mean = t_interval([1.0, 2.0, 3.0])
    assert mean.mean == 2.0
    assert mean.n == 3
    assert mean.high == pytest.approx(2 + 4.302653 / math.sqrt(3), abs=1e-5)
    assert mean.interval == Interval(mean.low, mean.high)


def test_one_value_has_a_mean_and_no_interval():
    mean = t_interval([0.5])
    assert (mean.mean, mean.low, mean.high, mean.n) == (0.5, None, None, 1)
    assert mean.interval is None


def test_no_values_have_no_mean():
    assert t_interval([]).mean is None
