import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archwright.candidate import AdmissionReason as Reason
from archwright.candidate import Candidate, Key, Outcome, Program, Record, Scores, Stage, Trial
from archwright.config import LoopConfig
from archwright.configuring import load_config
from archwright.contracts.network import ACCURACY
from archwright.elite import admission_order, quantile_threshold, select_elite, threshold_of_study
from archwright.task import Metric

NO_TOP_UP = LoopConfig(top_up=0)
ERROR = Metric("error", higher_is_better=False)


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


def test_top_up_by_the_mean_never_teaches_below_the_mean_of_the_valid(make_record):
    records = [make_record(1, 0, 0.36), make_record(1, 1, 0.38), make_record(1, 2, 0.39)]
    loop = LoopConfig(top_up=15, top_up_mean=True)
    reasons = select_elite(records, {}, 0.40, loop, ACCURACY)
    assert list(reasons.values()) == [Reason.BELOW_THRESHOLD, Reason.TOPPED_UP, Reason.TOPPED_UP]


@pytest.mark.parametrize("value", [1 / 360, 3 / 10, 36 / 100, 0.07])
def test_equal_candidates_are_at_the_mean_of_the_valid(make_record, value):
    records = [make_record(1, number, value) for number in range(23)]
    reasons = select_elite(records, {}, value + 1e-6, LoopConfig(top_up=15, top_up_mean=True), ACCURACY)
    assert list(reasons.values()).count(Reason.TOPPED_UP) == 15


def test_a_near_duplicate_that_would_not_have_joined_anyway_is_below_the_threshold(make_record):
    records = [make_record(1, 0, 0.41), make_record(1, 1, 0.39), make_record(1, 2, 0.20)]
    novel = {Key(1, 0): True, Key(1, 1): False, Key(1, 2): False}
    reasons = select_elite(records, novel, 0.40, LoopConfig(top_up=1), ACCURACY)
    assert list(reasons.values()) == [Reason.ADMITTED, Reason.BELOW_THRESHOLD, Reason.BELOW_THRESHOLD]
    earlier = select_elite(records, novel, 0.40, LoopConfig(top_up=1, threshold_first=False), ACCURACY)
    assert list(earlier.values()) == [Reason.ADMITTED, Reason.NEAR_DUPLICATE, Reason.NEAR_DUPLICATE]


def test_those_above_the_threshold_are_asked_for_first_then_the_others_best_first(make_record):
    records = [make_record(1, i, accuracy) for i, accuracy in enumerate((0.30, 0.42, 0.38, 0.50, None, 0.38))]
    order = admission_order(records, 0.40, LoopConfig(), ACCURACY)
    assert [record.candidate.key.index for record in order] == [1, 3, 2, 5, 0]
    order = admission_order(records, 0.40, LoopConfig(threshold_first=False), ACCURACY)
    assert [record.candidate.key.index for record in order] == [0, 1, 2, 3, 5]


def test_equal_candidates_are_topped_up_in_the_order_proposed(make_record):
    records = [make_record(1, i, 0.38) for i in range(3)]
    reasons = select_elite(records, {}, 0.40, LoopConfig(top_up=2), ACCURACY)
    assert [key.index for key, reason in reasons.items() if reason is Reason.TOPPED_UP] == [0, 1]


def test_without_a_threshold_nobody_is_admitted(make_record, syntax_error):
    reasons = select_elite([make_record(1, 0, failure=syntax_error)], {}, None, LoopConfig(), ACCURACY)
    assert list(reasons.values()) == [Reason.INVALID]


def record_of(index: int, error: float | None) -> Record:
    candidate = Candidate(Key(1, index), Program(f"x = {index}"), "full", seed=index)
    if error is None:
        return Record(candidate)
    outcome = Outcome(Stage.SCORE, scores=Scores({"error": error}, 10))
    return Record(candidate, {Trial(candidate.program.digest, index): outcome})


def test_where_lower_is_better_the_low_ones_are_admitted():
    records = [record_of(0, 0.1), record_of(1, 0.2), record_of(2, 0.3), record_of(3, None)]
    reasons = select_elite(records, {}, 0.2, NO_TOP_UP, ERROR)
    assert list(reasons.values()) == [Reason.ADMITTED, Reason.ADMITTED, Reason.BELOW_THRESHOLD, Reason.INVALID]


def test_where_lower_is_better_top_up_takes_the_next_lowest_down_to_the_floor():
    records = [record_of(0, 0.25), record_of(1, 0.21), record_of(2, 0.23), record_of(3, 0.2501)]
    reasons = select_elite(records, {}, 0.2, LoopConfig(top_up=3, top_up_ratio=0.8), ERROR)
    assert [key.index for key, reason in reasons.items() if reason is Reason.TOPPED_UP] == [0, 1, 2]
    reasons = select_elite(records, {}, 0.2, LoopConfig(top_up=1, top_up_ratio=0.8), ERROR)
    assert [key.index for key, reason in reasons.items() if reason is Reason.TOPPED_UP] == [1]


@pytest.mark.parametrize("metric", [ERROR, Metric("error", bounds=(-math.inf, math.inf))])
def test_the_floor_lies_below_a_threshold_of_either_sign(metric):
    worse = -1.0 if metric.higher_is_better else 1.0
    for threshold in (worse * 2.0, -worse * 2.0):
        near, far = threshold + worse * 0.2, threshold + worse * 1.2
        records = [record_of(0, near), record_of(1, far)]
        reasons = select_elite(records, {}, threshold, LoopConfig(top_up=2, top_up_ratio=0.8), metric)
        assert list(reasons.values()) == [Reason.TOPPED_UP, Reason.BELOW_THRESHOLD]


def test_the_published_threshold_holds_on_its_data(make_record):
    assert threshold_of_study(load_config(settings=["task=cifar10"]), [], None, ACCURACY) == 0.40
    assert threshold_of_study(load_config(settings=["task=cifar10", "recipe.lr=0.02"]), [], None, ACCURACY) == 0.40


@pytest.mark.parametrize("setting", ["task=digits", "budget.epochs=2", "data.train_size=1000", "data.image_size=16"])
def test_the_published_threshold_holds_at_the_published_fidelity_only(make_record, setting):
    config = load_config(settings=["task=cifar10", "loop.threshold_quantile=0.5", setting])
    records = [make_record(1, i, accuracy) for i, accuracy in enumerate((0.1, 0.2, 0.3))]
    assert threshold_of_study(config, [], None, ACCURACY) is None
    assert threshold_of_study(config, records, None, ACCURACY) == pytest.approx(0.2)


def test_the_published_threshold_is_of_the_published_metric():
    assert threshold_of_study(load_config(settings=["task=cifar10"]), [], None, ERROR) is None


def test_a_configured_threshold_comes_first_and_then_that_of_an_earlier_cycle(make_record):
    fixed = load_config(settings=["task=cifar10", "loop.threshold=0.7"])
    assert threshold_of_study(fixed, [make_record(1, 0, 0.1)], 0.6, ACCURACY) == 0.7
    assert threshold_of_study(load_config(settings=["task=cifar10"]), [], 0.6, ACCURACY) == 0.6


def test_where_lower_is_better_the_threshold_is_the_quantile_from_the_other_end():
    config = load_config(settings=["loop.threshold_quantile=0.75"])
    records = [record_of(i, error) for i, error in enumerate((0.1, 0.2, 0.3, 0.4, 0.5, None))]
    threshold = threshold_of_study(config, records, None, ERROR)
    assert threshold == pytest.approx(0.2)
    reasons = select_elite(records, {}, threshold, NO_TOP_UP, ERROR)
    assert sum(reason is Reason.ADMITTED for reason in reasons.values()) == 2


@given(st.lists(st.floats(0, 1), min_size=1), st.floats(0.01, 0.99))
def test_somebody_always_reaches_the_threshold_of_its_own_cycle(values, quantile):
    config = load_config(settings=[f"loop.threshold_quantile={quantile}"])
    threshold = threshold_of_study(config, [record_of(i, value) for i, value in enumerate(values)], None, ERROR)
    assert any(ERROR.reaches(value, threshold) for value in values)
