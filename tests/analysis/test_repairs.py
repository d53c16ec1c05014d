"""The valid rate after each step from completion to program."""

from archwright.analysis.repairs import AskedAgain, describe_answers, describe_repairs, summarize_repairs
from archwright.analysis.summary import summarize_totals
from archwright.candidate import Repair


def test_each_step_adds_to_the_valid_of_those_before_it(make_record, syntax_error):
    records = [
        make_record(1, 0, 0.5, repair=Repair.RAW),
        make_record(1, 1, failure=syntax_error, repair=Repair.RAW),
        make_record(1, 2, 0.5, repair=Repair.TRIMMED),
        make_record(1, 3, failure=syntax_error, repair=Repair.TRIMMED),
        make_record(1, 4, 0.5, repair=Repair.COMPLETED),
        make_record(1, 5, repair=Repair.RAW),  # not evaluated yet
        make_record(1, 6, 0.5),  # written by no model
    ]
    rates = summarize_repairs(records)
    assert [(rate.repair.value, rate.candidates, rate.valid, rate.evaluated) for rate in rates] == [
        ("raw", 2, 1, 5),
        ("trimmed", 2, 2, 5),
        ("completed", 1, 3, 5),
    ]
    assert describe_repairs(rates) == (
        "Valid as written 20.0 % [3.6, 62.4], after trimming 40.0 % [11.8, 76.9], after completion 60.0 % [23.1, 88.2]."
    )
    document = summarize_totals(records, []).as_json()["repairs"]
    assert list(document) == ["raw", "trimmed", "completed"]
    assert document["trimmed"]["valid_rate"] == 0.4


def test_without_a_model_there_is_nothing_to_say(make_record):
    assert summarize_repairs([make_record(1, 0, 0.5)]) == ()
    assert describe_repairs(()) == ""
    assert summarize_totals([make_record(1, 0, 0.5)], []).as_json()["repairs"] == {}


def test_what_asking_again_brought_is_counted_apart(make_record, syntax_error):
    records = [
        make_record(1, 0, 0.5, prompt_tokens=1),
        make_record(1, 1, 0.5, prompt_tokens=1, failed_before="parse/syntax"),
        make_record(1, 2, failure=syntax_error, prompt_tokens=1, failed_before="write/refused"),
        make_record(1, 3, failure=syntax_error, prompt_tokens=1),
        make_record(1, 4, prompt_tokens=1, failed_before="parse/syntax"),  # not evaluated yet
        make_record(1, 5, 0.5),  # written by no model
    ]
    totals = summarize_totals(records, [])
    assert (totals.asked_again, totals.without_suggestion) == (AskedAgain(4, 2, 1, 2), 0)
    assert describe_answers((), totals.asked_again, 0) == [
        "The model was asked again for 2 of 4: valid before 25.0 % [4.6, 69.9], after 50.0 % [15.0, 85.0]."
    ]
    assert totals.as_json()["asked_again"]["valid_before"] == 1
    assert summarize_totals(records[:1], []).as_json()["asked_again"] is None


def test_what_was_written_without_a_suggestion_is_said(make_record):
    totals = summarize_totals([make_record(1, 0, 0.5, no_suggestion="there is no JSON object")], [])
    assert totals.as_json()["without_suggestion"] == 1
    assert describe_answers((), None, 1) == [
        "1 candidate was written without a suggestion: what the improver answered was none."
    ]
