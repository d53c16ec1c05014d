import pytest

from archwright.analysis.intervals import Interval
from archwright.analysis.text import (
    count,
    difference_within,
    duration,
    name_of,
    one_line,
    percent,
    percent_within,
    printable,
    size,
)
from archwright.contracts.network import ACCURACY
from archwright.task import Metric


def test_untrusted_text_loses_what_could_drive_a_terminal():
    assert printable("a\x1b[31m\u202eb\n\tc\x00") == "a\ufffd[31m\ufffdb\n\tc\ufffd"


def test_one_line_is_cut_with_an_ellipsis():
    assert one_line("a\n  b\tc", 10) == "a b c"
    assert one_line("abcdef", 4) == "abc…"


def test_shares_are_percentages():
    assert percent(0.5) == "50.0 %"
    assert percent(None) == "–"
    assert percent_within(0.5, Interval(0.25, 0.75)) == "50.0 % [25.0, 75.0]"
    assert percent_within(None, Interval(0, 1)) == "–"


def test_differences_of_scores_have_a_sign_and_of_percentages_are_points():
    assert difference_within(ACCURACY, -0.023, Interval(-0.031, 0.017)) == "-2.3 points [-3.1, +1.7]"
    assert difference_within(Metric("psnr", "dB"), 0.5, None) == "+0.50 dB"
    assert difference_within(ACCURACY, None, None) == "–"
    assert ACCURACY.format_difference(0.023, "") == "2.3 points"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0.0 s"), (9.94, "9.9 s"), (59.4, "59 s"), (59.6, "1 min 00 s"), (3599, "59 min 59 s"), (7260, "2 h 01 min")],
)
def test_durations_have_the_two_largest_units(seconds, text):
    assert duration(seconds) == text


def test_counts_and_sizes_are_readable():
    assert count(1234567) == "1,234,567"
    assert count(2.5) == "2.5"
    assert count(None) == "–"
    assert count(20_544, per=10**6) == "0.02"
    assert size(512) == "512 B"
    assert size(1536) == "1.5 KiB"
    assert size(3 * 2**40) == "3,072.0 GiB"


def test_a_name_is_on_one_line() -> None:
    assert name_of("a.py\nb.py: 99 %\tx\x1b") == "a.py\ufffdb.py: 99 %\ufffdx\ufffd"
