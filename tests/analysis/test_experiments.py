"""Figures of an experiment from its rows, on rows small enough to be worked out by hand."""

import json
from dataclasses import replace

import pytest

from archwright.analysis.experiments.comparison import compare, paired_p
from archwright.analysis.experiments.endpoints import (
    Which,
    area_under_best,
    curve_of,
    distinct_shares,
    elite_gap,
    first_threshold,
)
from archwright.analysis.experiments.rows import Row
from archwright.analysis.experiments.sections import sections_of
from archwright.analysis.experiments.writing import write_comparison, write_rows
from archwright.contracts.network import ACCURACY
from archwright.errors import UsageError
from archwright.task import Metric

ERROR = Metric("error", higher_is_better=False)


def row(cycle, index, value, canonical=None, *, arm="learning", seed=0, admitted=False, known=False):
    form = canonical if canonical is not None else f"{arm} {seed} {cycle}.{index}"
    return Row(arm, seed, cycle, index, value, form, form, admitted, known)


def test_the_threshold_is_the_75th_percentile_of_the_valid_of_cycle_1():
    rows = [row(1, i, v) for i, v in enumerate([0.1, 0.2, None, 0.3, 0.4, 0.5])] + [row(2, 0, 0.9)]
    assert first_threshold(rows, ACCURACY) == pytest.approx(0.4)


def test_where_lower_is_better_it_is_the_25th():
    rows = [row(1, i, v) for i, v in enumerate([0.1, 0.2, 0.3, 0.4, 0.5])]
    assert first_threshold(rows, ERROR) == pytest.approx(0.2)


def test_a_repeated_form_counts_once_a_cycle_and_once_a_study():
    rows = [row(1, 0, 0.2, "a"), row(1, 1, 0.4, "a"), row(2, 0, 0.6, "a"), row(2, 1, 0.8, "b")]
    assert curve_of(rows, Which.ALL, None).values == [[0.2, 0.4], [0.6, 0.8]]
    assert curve_of(rows, Which.DISTINCT, None).values == [[0.2], [0.6, 0.8]]
    assert curve_of(rows, Which.UNTAUGHT, None).values == [[0.2], [0.8]]


def test_what_the_model_had_been_taught_is_no_learning():
    rows = [row(1, 0, 0.2), row(2, 0, 0.6, "winner", known=True), row(2, 1, 0.4)]
    assert curve_of(rows, Which.UNTAUGHT, None).means() == pytest.approx([0.2, 0.4])
    assert curve_of(rows, Which.DISTINCT, None).means() == pytest.approx([0.2, 0.5])


def test_shares_and_slope_follow_from_the_values():
    rows = [row(1, 0, 0.2), row(1, 1, 0.3), row(2, 0, 0.3), row(2, 1, 0.5), row(3, 0, None)]
    curve = curve_of(rows, Which.ALL, 0.3)
    assert curve.shares(ACCURACY) == [0.5, 1.0, None]
    assert curve.slope() == pytest.approx(0.15)
    assert curve.last(2) == [0.3, 0.5]


def test_the_area_is_the_mean_of_the_best_so_far():
    rows = [row(1, 0, None), row(1, 1, 0.2), row(1, 2, 0.1), row(2, 0, 0.5)]
    assert area_under_best(rows, ACCURACY) == pytest.approx((0.2 + 0.2 + 0.5) / 3)


def test_the_elite_and_what_is_distinct_are_counted_by_cycle():
    rows = [row(1, 0, 0.2, "a"), row(1, 1, 0.4, "a", admitted=True), row(2, 0, None), row(2, 1, 0.3)]
    assert elite_gap(rows, ACCURACY) == [pytest.approx(0.1), None]
    assert distinct_shares(rows) == [0.5, 1.0]


def paired(ahead=(0.1, 0.12, 0.08)):
    """Return two arms of three seeds and two cycles; `learning` is ahead in the last one."""
    rows = []
    for seed, by in enumerate(ahead):
        for index in range(4):
            value = 0.2 + 0.05 * index + 0.01 * seed
            for arm in ("learning", "frozen"):
                rows.append(row(1, index, value, arm=arm, seed=seed))
                rows.append(row(2, index, value + (by if arm == "learning" else 0), arm=arm, seed=seed))
    return rows


def test_differences_that_rounding_alone_tells_apart_have_no_p():
    assert paired_p([0.4 - 0.3, 0.5 - 0.4, 0.6 - 0.5]) is None
    assert paired_p([0.57 - 0.55, 0.67 - 0.65, 0.77 - 0.75]) is None
    assert paired_p([0.1, 0.2, 0.3]) == pytest.approx(0.0742, abs=1e-4)


def test_differences_are_paired_by_seed():
    found = {each.figure: each for each in compare(paired(), ACCURACY, last=1).differences("frozen")}
    mean = found["mean, all"]
    assert mean.mean.mean == pytest.approx(0.1)
    assert (mean.mean.low, mean.mean.high) == pytest.approx((0.1 - 0.0497, 0.1 + 0.0497), abs=1e-4)
    assert mean.p == pytest.approx(0.01314, abs=1e-4)
    assert mean.over_candidates.low < 0.1 < mean.over_candidates.high
    assert found["slope of means, all"].mean.mean == pytest.approx(0.1)


def test_studies_of_unequal_numbers_of_candidates_are_named():
    rows = paired()
    (section, *_) = sections_of(compare(rows, ACCURACY))
    assert len(section.notes) == 1
    (section, *_) = sections_of(compare([each for each in rows if each.arm == "learning" or each.index], ACCURACY))
    assert section.notes[1].startswith("Not at equal numbers of candidates: frozen 6, learning 8 (seed 0); frozen 6,")


def test_a_difference_is_positive_where_the_reference_is_better_and_lower_is_better():
    found = {each.figure: each for each in compare(paired(), ERROR, last=1).differences("frozen")}
    assert found["mean, all"].mean.mean == pytest.approx(-0.1)


def test_shares_are_counted_against_the_references_first_cycle():
    rows = [row(1, 0, 0.5), row(1, 1, 0.5), row(1, 0, 0.9, arm="other"), row(1, 1, 0.4, arm="other")]
    comparison = compare(rows, ACCURACY)
    assert comparison.arms["other"][0].curves[Which.ALL].shares(ACCURACY) == [0.5]


def test_a_reference_threshold_of_zero_is_one():
    rows = [row(1, 0, 0.0), row(1, 0, 0.9, arm="other"), row(1, 1, 0.4, arm="other")]
    comparison = compare(rows, ACCURACY)
    assert comparison.arms["other"][0].curves[Which.ALL].shares(ACCURACY) == [1.0]


def test_without_a_valid_reference_in_cycle_1_shares_are_counted_against_the_study_itself():
    rows = [row(1, 0, None), *(row(1, index, 0.1 * index, arm="other") for index in range(5))]
    comparison = compare(rows, ACCURACY)
    assert comparison.arms["other"][0].curves[Which.ALL].shares(ACCURACY) == [0.4]


def test_a_study_that_is_given_twice_counts_once():
    once, twice = compare(paired(), ACCURACY), compare([*paired(), *paired()], ACCURACY)
    assert twice == once


def test_two_studies_of_one_arm_and_seed_are_not_pooled():
    other = replace(paired()[-1], value=0.9)
    with pytest.raises(UsageError, match=r"'frozen' with seed 2: candidate 2\.3 is not the same") as caught:
        compare([*paired(), other], ACCURACY)
    assert "give its arm another name" in caught.value.remedy


def test_an_unknown_reference_is_named_with_the_arms_there_are():
    with pytest.raises(UsageError) as caught:
        compare(paired(), ACCURACY, reference="lerning")
    assert "learning, frozen" in caught.value.remedy


def test_nothing_to_compare_is_said():
    with pytest.raises(UsageError, match="nothing to compare"):
        compare([], ACCURACY)


def test_rows_are_written_with_the_documented_keys_and_read_back(tmp_path):
    rows = [row(1, 0, 0.25), row(1, 1, None)]
    write_rows(rows, "accuracy", tmp_path / "rows.json")
    written = json.loads((tmp_path / "rows.json").read_text())
    assert written[0] == {
        "arm": "learning",
        "seed": 0,
        "cycle": 1,
        "index": 0,
        "valid": True,
        "accuracy": 0.25,
        "digest": "learning 0 1.0",
        "canonical": "learning 0 1.0",
        "admitted": False,
        "known": False,
    }
    assert [Row.from_json(each, "accuracy") for each in written] == rows


def test_one_arm_is_compared_with_nothing(tmp_path):
    markdown = write_comparison(compare([row(1, 0, 0.5)], ACCURACY), tmp_path).markdown.read_text()
    assert "1 arm, 1 study, 1 candidate." in markdown
    assert "Differences" not in markdown


def test_the_report_names_every_arm_and_escapes_them(tmp_path):
    rows = [row(1, 0, 0.5, arm="<b>`|*"), row(1, 1, 0.4, arm="other")]
    paths = write_comparison(compare(rows, ACCURACY), tmp_path)
    html, markdown = paths.html.read_text(), paths.markdown.read_text()
    assert "<b>" not in html
    assert "&lt;b&gt;" in html
    assert markdown.count("<b") == markdown.count(r"\<b\>\`\|\*") > 2
    assert "other" in markdown
    assert "Share at or above cycle 1's 75th percentile, untaught" in markdown
