"""Charts as inline SVG, drawn by hand so that a report needs no script, no font and no network.

Colours are classes that `style.css` fills for light and dark. Nothing untrusted is drawn: labels are ours, points are
numbers.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from html import escape
from itertools import groupby

from archwright.task import Metric

WIDTH, HEIGHT = 460, 240
LEFT, RIGHT, TOP, BOTTOM = 46, 14, 12, 34
MOST = 1e12
"""The largest number that an axis reaches to."""


@dataclass(frozen=True, slots=True)
class Point:
    """A value with the interval it is known within, both in data units; a y of None is a gap."""

    x: float
    y: float | None
    low: float | None = None
    high: float | None = None
    note: str = ""
    """Shown when the pointer rests on it."""


@dataclass(frozen=True, slots=True)
class Series:
    """Points of one colour, `s1` to `s8`."""

    label: str
    colour: str
    points: Sequence[Point]


@dataclass(frozen=True, slots=True)
class Frame:
    """Maps data to the plot's pixels; what lies outside, infinity and NaN too, is drawn on the edge."""

    x_low: float
    x_high: float
    y_low: float
    y_high: float

    def x(self, value: float) -> float:
        """Return the pixel column of `value`."""
        value = min(max(self.x_low, value), self.x_high)
        return LEFT + (value - self.x_low) / (self.x_high - self.x_low) * (WIDTH - LEFT - RIGHT)

    def y(self, value: float) -> float:
        """Return the pixel row of `value`."""
        value = min(max(self.y_low, value), self.y_high)
        return HEIGHT - BOTTOM - (value - self.y_low) / (self.y_high - self.y_low) * (HEIGHT - TOP - BOTTOM)


def cycle_chart(
    title: str,
    series: Sequence[Series],
    *,
    reference: float | None = None,
    y_range: tuple[float, float] | None = None,
    is_share: bool = True,
) -> str:
    """Return lines over cycles, of shares in [0, 1] or not, with their intervals as bands; `reference` is dashed."""
    xs = _numbers(series) or [1.0]
    low, high = y_range or _range(series, reference, is_share=is_share)
    frame = Frame(min(xs) - 0.5, max(xs) + 0.5, low, high)
    parts = [_y_axis(frame, is_share=is_share), _x_axis(frame, [int(x) for x in sorted(set(xs))], "cycle")]
    if reference is not None:
        parts.append(_horizontal(frame, reference, "reference"))
    parts += [_interval_marks(frame, one) for one in series]
    parts += [_line(frame, one) for one in series]
    return _svg(title, parts) + _legend([(one.colour, one.label) for one in series])


def bar_chart(title: str, series: Sequence[Series]) -> str:
    """Return counts over cycles as grouped bars."""
    xs = sorted(set(_numbers(series))) or [1.0]
    top = max((min(point.y or 0, MOST) for one in series for point in one.points), default=0)
    frame = Frame(min(xs) - 0.5, max(xs) + 0.5, 0, max(1.0, top * 1.05))
    whole = [value for value in _nice_steps(0, frame.y_high) if value == int(value)]
    parts = [_y_axis(frame, is_share=False, steps=whole), _x_axis(frame, [int(x) for x in xs], "cycle")]
    room = min(0.8 * (frame.x(1) - frame.x(0)), 44.0 * len(series))
    width = room / len(series)
    for number, one in enumerate(series):
        for point in one.points:
            value = point.y or 0
            x = frame.x(point.x) - room / 2 + number * width
            y = frame.y(value)
            parts.append(
                f'<rect class="fill {one.colour}" x="{x:.1f}" y="{y:.1f}" width="{max(1.0, width - 1):.1f}" '
                f'height="{frame.y(0) - y:.1f}"><title>cycle {point.x:g}, {escape(one.label)}: {value:g}</title></rect>'
            )
    return _svg(title, parts) + _legend([(one.colour, one.label) for one in series])


def candidate_chart(
    title: str, series: Sequence[Series], failed: Sequence[float], borders: Sequence[float], metric: Metric
) -> str:
    """Return every candidate in the order proposed: scores as dots, the best so far as steps, failures as ticks.

    `borders` are the places between cycles.
    """
    points = [point for one in series for point in one.points]
    xs = [point.x for point in points] + list(failed)
    is_share = metric.unit == "%"
    low, high = _range(series, None, is_share=is_share)
    frame = Frame(min(xs, default=0) - 1, max(xs, default=0) + 1, low, high)
    parts = [_y_axis(frame, is_share=is_share), _x_axis(frame, _whole_ticks(frame), "candidate, in the order proposed")]
    base = HEIGHT - BOTTOM
    parts += [
        f'<line class="grid" x1="{frame.x(x):.1f}" x2="{frame.x(x):.1f}" y1="{TOP}" y2="{base}"/>' for x in borders
    ]
    parts += [
        f'<line class="tick" x1="{frame.x(x):.1f}" x2="{frame.x(x):.1f}" y1="{base - 7}" y2="{base}"/>' for x in failed
    ]
    for one in series:
        parts += [_dot(frame, one.colour, point, 2.6) for point in one.points if point.y is not None]
    parts.append(_steps(frame, points, metric))
    legend = [(one.colour, one.label) for one in series]
    ticks = [("failed", "failed")] if failed else []
    return _svg(title, parts) + _legend([*legend, ("s4", "best so far"), *ticks])


def cost_chart(title: str, points: Sequence[Point], cost: str, metric: Metric) -> str:
    """Return one dot per program, its `cost` (more than 0) on a logarithmic axis to the right, with the front."""
    points = [replace(point, x=math.log10(min(point.x, MOST))) for point in points]
    xs, is_share = [point.x for point in points], metric.unit == "%"
    low, high = _range([Series("", "", points)], None, is_share=is_share)
    frame = Frame(min(xs) - 0.1, max(xs) + 0.1, low, high)
    decades = range(math.floor(frame.x_low), math.ceil(frame.x_high) + 1)
    steps = [math.log10(one * 10.0**power) for power in decades for one in (1, 2, 5)]
    shown = {step: _short_number(10**step) for step in steps if frame.x_low <= step <= frame.x_high}
    parts = [
        _y_axis(frame, is_share=is_share),
        _x_axis(frame, list(shown), cost, shown),
        *(_dot(frame, "s1", point, 3) for point in points),
        _steps(frame, points, metric),
    ]
    return _svg(title, parts) + _legend([("s1", "one program"), ("s4", "best at this cost or below")])


def _short_number(value: float) -> str:
    for power, letter in ((9, "G"), (6, "M"), (3, "k")):
        if value >= 0.999 * 10**power:
            return f"{value / 10**power:.3g} {letter}"
    return f"{value:.3g}"


def similarity_chart(title: str, points: Sequence[Point], limit: float) -> str:
    """Return one dot per program: lexical similarity to the right, canonical upwards, the limit as dashed lines."""
    frame = Frame(-0.03, 1.03, -0.03, 1.03)
    parts = [
        _y_axis(frame, is_share=False, steps=(0, 0.2, 0.4, 0.6, 0.8, 1)),
        _x_axis(frame, [0, 0.2, 0.4, 0.6, 0.8, 1], "lexical similarity (as published)"),
        _horizontal(frame, limit, "reference"),
        f'<path class="reference" d="M{frame.x(limit):.1f} {TOP}V{HEIGHT - BOTTOM}"/>',
        *(_dot(frame, "s1", point, 3.2) for point in points),
    ]
    return _svg(title, parts) + _legend([("s1", "canonical similarity of one program, upwards")])


def _svg(title: str, parts: Sequence[str]) -> str:
    return (
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(title)}">'
        f"<title>{escape(title)}</title>{''.join(parts)}</svg>"
    )


def _legend(entries: Sequence[tuple[str, str]]) -> str:
    items = "".join(f'<li><i class="swatch {colour}"></i>{escape(label)}</li>' for colour, label in entries)
    return f'<ul class="legend">{items}</ul>'


def _numbers(series: Sequence[Series]) -> list[float]:
    """Return the columns of the points, no further out than can be told apart."""
    return [min(max(-MOST, point.x), MOST) for one in series for point in one.points]


def _range(series: Sequence[Series], reference: float | None, *, is_share: bool) -> tuple[float, float]:
    """Return a range, of shares within [0, 1], that shows every point and interval, and a little more."""
    values = [
        value
        for one in series
        for point in one.points
        for value in (point.y, point.low, point.high)
        if value is not None
    ]
    values += [] if reference is None else [reference]
    lowest, highest = (0.0, 1.0) if is_share else (-MOST, MOST)
    values = [min(max(lowest, value), highest) for value in values]
    if not values:
        return 0.0, 1.0
    margin = max(0.02, 0.08 * (max(values) - min(values)))
    low, high = min(values) - margin, max(values) + margin
    return (max(0.0, low), min(1.0, high)) if is_share else (low, high)


def _nice_steps(low: float, high: float, about: int = 5) -> list[float]:
    """Return round values between `low` and `high`, about as many as asked."""
    raw = (high - low) / about
    power = 10.0 ** math.floor(math.log10(raw))
    step = next(power * factor for factor in (1, 2, 5, 10) if power * factor >= raw)
    first = math.ceil(low / step - 1e-9)
    return [round(number * step, 10) for number in range(first, math.floor(high / step + 1e-9) + 1)]


def _whole_ticks(frame: Frame) -> list[int]:
    return sorted({int(value) for value in _nice_steps(max(0.0, frame.x_low), frame.x_high, 6) if value == int(value)})


def _y_axis(frame: Frame, *, is_share: bool, steps: Sequence[float] | None = None) -> str:
    values = list(steps) if steps is not None else _nice_steps(frame.y_low, frame.y_high)
    parts = []
    for value in values:
        y = frame.y(value)
        label = f"{100 * value:g} %" if is_share else f"{value:g}"
        parts.append(
            f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>'
            f'<text x="{LEFT - 6}" y="{y + 3.5:.1f}" text-anchor="end">{label}</text>'
        )
    return "".join(parts)


def _x_axis(frame: Frame, values: Sequence[float], label: str, words: Mapping[float, str] | None = None) -> str:
    base = HEIGHT - BOTTOM
    every = max(1, math.ceil(len(values) / 11))
    ticks = "".join(
        f'<text x="{frame.x(value):.1f}" y="{base + 14}" text-anchor="middle">{word}</text>'
        for value in values[::every]
        for word in [words[value] if words else f"{value:g}"]
    )
    middle = (LEFT + WIDTH - RIGHT) / 2
    axis = f'<line class="axis" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{base}" y2="{base}"/>'
    return f'{axis}{ticks}<text x="{middle}" y="{HEIGHT - 5}" text-anchor="middle">{escape(label)}</text>'


def _horizontal(frame: Frame, value: float, kind: str) -> str:
    y = frame.y(value)
    return f'<line class="{kind}" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>'


def _runs(points: Sequence[Point]) -> Iterator[list[Point]]:
    """Yield the stretches of points without a gap."""
    for is_known, run in groupby(points, lambda point: point.y is not None):
        if is_known:
            yield list(run)


def _interval_marks(frame: Frame, series: Series) -> str:
    """Return a band through the intervals; where a point stands alone, a whisker."""
    parts = []
    for run in _runs(series.points):
        known = [
            (frame.x(p.x), frame.y(p.low), frame.y(p.high)) for p in run if p.low is not None and p.high is not None
        ]
        if len(known) == 1:
            x, low, high = known[0]
            parts.append(
                f'<path class="whisker {series.colour}" d="M{x:.1f} {low:.1f}V{high:.1f}M{x - 5:.1f} {low:.1f}h10'
                f'M{x - 5:.1f} {high:.1f}h10"/>'
            )
        elif known:
            around = [(x, high) for x, _, high in known] + [(x, low) for x, low, _ in reversed(known)]
            outline = " ".join(f"{x:.1f},{y:.1f}" for x, y in around)
            parts.append(f'<polygon class="band {series.colour}" points="{outline}"/>')
    return "".join(parts)


def _line(frame: Frame, series: Series) -> str:
    parts = []
    for run in _runs(series.points):
        coordinates = " ".join(f"{frame.x(p.x):.1f},{frame.y(p.y):.1f}" for p in run if p.y is not None)
        parts.append(f'<polyline class="line {series.colour}" points="{coordinates}"/>')
        parts += [_dot(frame, series.colour, point, 3) for point in run]
    return "".join(parts)


def _dot(frame: Frame, colour: str, point: Point, radius: float) -> str:
    y = 0.0 if point.y is None else point.y
    return (
        f'<circle class="fill {colour}" cx="{frame.x(point.x):.1f}" cy="{frame.y(y):.1f}" r="{radius}">'
        f"<title>{escape(point.note)}</title></circle>"
    )


def _steps(frame: Frame, points: Sequence[Point], metric: Metric) -> str:
    """Return the best value so far as a staircase."""
    path, best = "", None
    for point in sorted(points, key=lambda point: point.x):
        if point.y is not None and (best is None or metric.key(point.y) > metric.key(best)):
            best = point.y
            x, y = frame.x(point.x), frame.y(best)
            path += f"H{x:.1f}V{y:.1f}" if path else f"M{x:.1f} {y:.1f}"
    return f'<path class="line s4" d="{path}H{frame.x(frame.x_high):.1f}"/>' if path else ""
