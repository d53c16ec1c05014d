"""Numbers in words, and untrusted text made fit to print; the terminal and the reports read alike."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from archwright.analysis.intervals import Interval
    from archwright.task import Metric

NOTHING = "–"
ABSURD = 1e15
"""Numbers that nobody counts up to; a stranger's archive can hold them, infinity and NaN too."""


def printable(text: str) -> str:
    """Return untrusted `text` with a mark in place of every character that could drive a terminal or reorder text.

    Newlines and tabs stay.
    """
    return "".join(character if character.isprintable() or character in "\n\t" else "\ufffd" for character in text)


def name_of(name: object) -> str:
    """Return the name of a file or a data set printable and on one line: a newline in it begins no line of ours."""
    return printable(str(name)).replace("\n", "\ufffd").replace("\t", "\ufffd")


def one_line(text: str, limit: int = 200) -> str:
    """Return untrusted `text` printable, on one line and cut to `limit` characters."""
    line = " ".join(printable(text).split())
    return line if len(line) <= limit else line[: limit - 1] + "…"


def percent(share: float | None) -> str:
    """Return a share in [0, 1] as a percentage with one decimal."""
    return NOTHING if share is None else f"{100 * share:.1f} %"


def percent_within(share: float | None, interval: Interval | None) -> str:
    """Return a share with its interval, both in percent."""
    if share is None or interval is None:
        return percent(share)
    return f"{percent(share)} [{100 * interval.low:.1f}, {100 * interval.high:.1f}]"


def share_of(n: int, successes: int) -> str:
    """Return the share of `successes` among `n` with its Wilson interval; a dash for none of none."""
    from archwright.analysis.intervals import wilson

    return percent_within(successes / n, wilson(successes, n)) if n else NOTHING


def score_within(metric: Metric, value: float | None, interval: Interval | None) -> str:
    """Return a score with its interval."""
    return metric.format(value) + _edges(metric, interval)


def difference_within(metric: Metric, value: float | None, interval: Interval | None) -> str:
    """Return the difference of two scores with its interval."""
    return metric.format_difference(value) + _edges(metric, interval, "+")


def _edges(metric: Metric, interval: Interval | None, sign: str = "") -> str:
    if interval is None:
        return ""
    scale, digits = (100, 1) if metric.unit == "%" else (1, 2)
    return f" [{scale * interval.low:{sign}.{digits}f}, {scale * interval.high:{sign}.{digits}f}]"


def count(number: float | None, per: int = 1) -> str:
    """Return a number with separators, a fraction below 100 with a decimal, or a digit; `per` is its unit."""
    if number is None:
        return NOTHING
    try:
        number = number if per == 1 else number / per
        if abs(number) >= ABSURD:
            return f"{number:.3g}"
    except OverflowError:
        return "more than 1e308"
    if 0 < abs(number) < 0.05:
        return f"{number:.1g}"
    return f"{number:,.1f}" if number % 1 and abs(number) < 100 else f"{number:,.0f}"


def duration(seconds: float) -> str:
    """Return seconds in the two largest units that matter."""
    if not abs(seconds) < ABSURD:
        return f"{seconds:.3g} s"
    if seconds < 10:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    minutes, rest = divmod(whole, 60)
    if minutes < 60:
        return f"{minutes} min {rest:02d} s"
    hours, minutes = divmod(minutes, 60)
    return f"{hours:,} h {minutes:02d} min"


def size(n_bytes: float) -> str:
    """Return bytes in the largest binary unit below them."""
    if not abs(n_bytes) < ABSURD:
        return f"{n_bytes:.3g} B"
    for unit in ("B", "KiB", "MiB", "GiB"):
        if n_bytes < 1024 or unit == "GiB":
            break
        n_bytes /= 1024
    return f"{n_bytes:,.0f} {unit}" if unit == "B" else f"{n_bytes:,.1f} {unit}"
