from dataclasses import dataclass

import pytest

from archwright.analysis.failures import count_failures
from archwright.analysis.summary import best_records, summarize_cycles, summarize_totals
from archwright.candidate import AdmissionReason, Failure, FailureKind, Stage
from archwright.contracts.network import ACCURACY


@dataclass
class Row:
    cycle: int
    threshold: float


@dataclass
class Cost:
    cycle: int
    stage: str
    wall_s: float
    cpu_s: float
    gpu_s: float
    tokens: int
    bytes: int


def test_a_cycle_has_the_documented_keys(make_record):
    (summary,) = summarize_cycles([make_record(1, 0, 0.5)], [Row(1, 0.4)], ACCURACY)
    published = ["cycle", "generated", "valid", "admitted", "rejections", "best", "mean", "median", "above_threshold"]
    assert list(summary.as_json())[: len(published)] == published


def test_a_cycle_counts_and_averages_its_valid_candidates(make_record, syntax_error):
    records = [
        make_record(1, 0, 0.5, reason=AdmissionReason.ADMITTED),
        make_record(1, 1, 0.3, reason=AdmissionReason.TOPPED_UP),
        make_record(1, 2, 0.2, reason=AdmissionReason.NEAR_DUPLICATE),
        make_record(1, 3, failure=syntax_error, reason=AdmissionReason.INVALID),
    ]
    (summary,) = summarize_cycles(records, [Row(1, 0.3)], ACCURACY)
    assert (summary.generated, summary.valid, summary.admitted, summary.rejections) == (4, 3, 2, 1)
    assert summary.best == 0.5
    assert summary.mean == pytest.approx(1 / 3)
    assert summary.median == 0.3
    assert summary.above_threshold == pytest.approx(2 / 3)
    assert summary.mean_interval is not None
    assert summary.is_finished


def test_a_cycle_without_valid_candidates_has_no_accuracies(make_record, syntax_error):
    (summary,) = summarize_cycles([make_record(1, 0, failure=syntax_error)], [Row(1, 0.4)], ACCURACY)
    assert (summary.best, summary.mean, summary.median, summary.above_threshold) == (None, None, None, None)
    assert summary.as_json()["intervals"]["mean"] is None


def test_an_unfinished_cycle_has_no_threshold(make_record):
    (summary,) = summarize_cycles([make_record(1, 0, 0.5), make_record(1, 1)], [], ACCURACY)
    assert summary.threshold is None
    assert not summary.is_finished
    assert summary.generated == 2


def test_duplicates_refused_before_training_are_rejections(make_record):
    refused = Failure(Stage.NOVELTY, FailureKind.NEAR_DUPLICATE, "too similar")
    (summary,) = summarize_cycles([make_record(1, 0, failure=refused, reason=AdmissionReason.INVALID)], [], ACCURACY)
    assert summary.rejections == 1


def test_best_records_come_first_and_equal_programs_once(make_record):
    records = [
        make_record(1, 0, 0.5, source="a"),
        make_record(1, 1, 0.7, source="b"),
        make_record(2, 0, 0.7, source="b"),
        make_record(2, 1, 0.5, source="c"),
        make_record(2, 2),
    ]
    assert [str(record.candidate.key) for record in best_records(records, 3, ACCURACY)] == ["1.1", "1.0", "2.1"]


def test_totals_add_evaluation_from_outcomes_and_the_rest_from_cost_rows(make_record, syntax_error):
    records = [
        make_record(1, 0, 0.5, prompt_tokens=100, completion_tokens=50),
        make_record(1, 1, failure=syntax_error, prompt_tokens=100, completion_tokens=30),
    ]
    costs = [Cost(1, "propose", 4, 8, 0, 280, 0), Cost(1, "tune", 10, 9, 0, 700, 5), Cost(2, "tune", 1, 1, 0, 70, 5)]
    totals = summarize_totals(records, costs)
    assert (totals.prompt_tokens, totals.completion_tokens) == (200, 80)
    assert [(stage.stage, stage.wall_s) for stage in totals.stages] == [
        ("propose", 4),
        ("evaluate", 2.5),
        ("tune", 11),
    ]
    assert totals.overall.cpu_s == pytest.approx(8 + 10 + 1.25)
    assert totals.as_json()["per_candidate"]["wall_s"] == pytest.approx(17.5 / 2)
    assert totals.as_json()["per_valid"]["wall_s"] == pytest.approx(17.5)


def test_totals_of_nothing_divide_by_nothing():
    totals = summarize_totals([], []).as_json()
    assert totals["generated"] == 0
    assert totals["valid_rate"] is None
    assert totals["per_candidate"] is None


def test_failures_are_ordered_by_stage_then_count(make_record, syntax_error):
    shape = Failure(Stage.FORWARD, FailureKind.SHAPE, "mat1 and mat2")
    records = [make_record(1, 0, failure=shape), make_record(1, 1, failure=syntax_error)]
    records += [make_record(1, 2, failure=shape), make_record(1, 3, 0.5)]
    counts = [(item.stage, item.kind, item.count) for item in count_failures(records)]
    assert counts == [("parse", "syntax", 1), ("forward", "shape", 2)]


def test_the_interval_of_a_mean_accuracy_stays_within_what_an_accuracy_can_be(make_record):
    (summary,) = summarize_cycles([make_record(1, 0, 0.1), make_record(1, 1, 0.9)], [], ACCURACY)
    assert (summary.mean_interval.low, summary.mean_interval.high) == (0.0, 1.0)


def test_candidates_without_an_outcome_do_not_lower_the_valid_rate(make_record):
    records = [make_record(1, 0, 0.5), make_record(1, 1), make_record(1, 2)]
    (summary,) = summarize_cycles(records, [], ACCURACY)
    assert (summary.generated, summary.evaluated, summary.valid_rate) == (3, 1, 1.0)
    assert summarize_totals(records, []).valid_rate == 1.0
