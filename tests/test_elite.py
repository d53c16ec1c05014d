import pytest
from hypothesis import given
from hypothesis import strategies as st

from archwright.candidate import AdmissionReason as Reason
from archwright.candidate import Key
from archwright.config import LoopConfig
from archwright.contracts.network import ACCURACY
from archwright.elite import quantile_threshold, select_elite

NO_TOP_UP = LoopConfig(top_up=0)


def test_quantile_interpolates_between_neighbours():
    assert quantile_threshold([0.4, 0.1, 0.3, 0.2], 0.5) == pytest.approx(0.25)


def test_quantile_of_nothing_is_none():
    assert quantile_threshold([], 0.98) is None


@given(st.lists(st.floats(0, 1), min_size=1), st.floats(0.01, 0.99))
def test_quantile_never_exceeds_the_best(values, quantile):
    assert min(values) <= quantile_threshold(values, quantile) <= max(values)


def test_valid_novel_candidates_at_the_threshold_are_admitted(make_record, syntax_error):
    records = [
        make_record(1, 0, 0.40),
        make_record(1, 1, 0.39),
        make_record(1, 2, 0.90),
        make_record(1, 3, failure=syntax_error),
        make_record(1, 4),
    ]
    reasons = select_elite(records, {Key(1, 0): True, Key(1, 1): True, Key(1, 2): False}, 0.40, NO_TOP_UP, ACCURACY)
    assert list(reasons.values()) == [
        Reason.ADMITTED,
        Reason.BELOW_THRESHOLD,
        Reason.NEAR_DUPLICATE,
        Reason.INVALID,
        Reason.INVALID,
    ]


def test_top_up_takes_the_next_best_novel_ones_above_the_floor(make_record):
    accuracies = [0.41, 0.36, 0.39, 0.34, 0.38, 0.395]
    records = [make_record(1, i, accuracy) for i, accuracy in enumerate(accuracies)]
    novel = {Key(1, i): i != 5 for i in range(6)}
    reasons = select_elite(records, novel, 0.40, LoopConfig(top_up=3, top_up_ratio=0.875), ACCURACY)
    assert [key.index for key, reason in reasons.items() if reason is Reason.TOPPED_UP] == [2, 4]
    assert reasons[Key(1, 5)] is Reason.NEAR_DUPLICATE
    assert reasons[Key(1, 1)] is Reason.BELOW_THRESHOLD


def test_top_up_never_goes_below_the_floor(make_record):
    records = [make_record(1, 0, 0.35), make_record(1, 1, 0.3499)]
    reasons = select_elite(records, {}, 0.40, LoopConfig(top_up=15, top_up_ratio=0.875), ACCURACY)
    assert list(reasons.values()) == [Reason.TOPPED_UP, Reason.BELOW_THRESHOLD]


def test_equal_candidates_are_topped_up_in_the_order_proposed(make_record):
    records = [make_record(1, i, 0.38) for i in range(3)]
    reasons = select_elite(records, {}, 0.40, LoopConfig(top_up=2), ACCURACY)
    assert [key.index for key, reason in reasons.items() if reason is Reason.TOPPED_UP] == [0, 1]


def test_without_a_threshold_nobody_is_admitted(make_record, syntax_error):
    reasons = select_elite([make_record(1, 0, failure=syntax_error)], {}, None, LoopConfig(), ACCURACY)
    assert list(reasons.values()) == [Reason.INVALID]
