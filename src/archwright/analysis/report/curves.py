"""The curves of the closed-loop paper, the similarities and the failures, as sections of the HTML report."""

from collections.abc import Callable, Sequence
from html import escape

from archwright.analysis.fronts import COSTS
from archwright.analysis.intervals import Interval
from archwright.analysis.report.charts import (
    Point,
    Series,
    bar_chart,
    candidate_chart,
    cost_chart,
    cycle_chart,
    similarity_chart,
)
from archwright.analysis.report.facts import StudyFacts, judged_admissions, stages_reached
from archwright.analysis.summary import CycleSummary, best_records
from archwright.analysis.text import count, percent


def curves_html(facts: StudyFacts) -> str:
    """Return the curves of the paper and every candidate; there must be at least one cycle."""
    cycles, metric = facts.cycles, facts.metric
    name, is_share = metric.name.capitalize(), metric.unit == "%"
    thresholds = [cycle.threshold for cycle in cycles if cycle.threshold is not None]
    reference = thresholds[-1] if thresholds else None
    scores = [
        _series(cycles, "best", "s1", lambda c: (c.best, None), metric.format),
        _series(cycles, "mean, with 95 % t-interval", "s2", lambda c: (c.mean, c.mean_interval), metric.format),
        _series(cycles, "median", "s3", lambda c: (c.median, None), metric.format),
    ]
    above = _series(cycles, "share", "s4", lambda c: (c.above_threshold, c.above_threshold_interval), percent)
    valid = _series(cycles, "valid", "s1", lambda c: (c.valid_rate, c.valid_interval), percent)
    counts = [
        Series("admitted", "s3", [Point(c.cycle, c.admitted) for c in cycles]),
        Series("rejected as near-duplicates", "s2", [Point(c.cycle, c.rejections) for c in cycles]),
    ]
    dashed = "" if reference is None else f"Dashed: the threshold, {metric.format(reference)}."
    charts = [
        _figure(name, dashed, cycle_chart(f"{name} per cycle", scores, reference=reference, is_share=is_share)),
        _figure(
            "Share at or above the threshold",
            "Of the valid candidates, with 95 % Wilson interval.",
            cycle_chart("Share above the threshold", [above], y_range=(0, 1)),
        ),
        _figure(
            "Valid rate",
            "Candidates trained and scored, with 95 % Wilson interval.",
            cycle_chart("Valid rate per cycle", [valid], y_range=(0, 1)),
        ),
        _figure(
            "Admitted",
            "What may become a parent, and a lesson where a model is taught.",
            bar_chart("Admitted per cycle", counts),
        ),
    ]
    return f'<div class="charts">{"".join(charts)}{_candidates(facts)}{_similarities(facts)}</div>'


def _series(
    cycles: Sequence[CycleSummary],
    label: str,
    colour: str,
    known: Callable[[CycleSummary], tuple[float | None, Interval | None]],
    words: Callable[[float | None], str],
) -> Series:
    """Return a figure of every cycle with the interval it is `known` within."""
    points = []
    for cycle in cycles:
        y, interval = known(cycle)
        low, high = (None, None) if y is None or interval is None else (interval.low, interval.high)
        points.append(Point(cycle.cycle, y, low, high, f"cycle {cycle.cycle}, {label}: {words(y)}"))
    return Series(label, colour, points)


def _candidates(facts: StudyFacts) -> str:
    admitted: list[Point] = []
    others: list[Point] = []
    failed: list[float] = []
    borders: list[float] = []
    for place, record in enumerate(facts.records):
        if place and record.candidate.key.cycle != facts.records[place - 1].candidate.key.cycle:
            borders.append(place - 0.5)
        if (value := facts.value(record)) is not None:
            group = admitted if record.is_admitted else others
            group.append(Point(place, value, note=f"{record.candidate.key}: {facts.metric.format(value)}"))
        elif record.outcome is not None:
            failed.append(place)
    series = [Series("admitted", "s3", admitted), Series("valid, not admitted", "s1", others)]
    metric = facts.metric
    chart = candidate_chart(f"{metric.name.capitalize()} of every candidate", series, failed, borders, metric)
    return _figure("Every candidate", "Upright lines part the cycles.", chart)


def _similarities(facts: StudyFacts) -> str:
    points = [
        Point(
            a.lexical.value, a.canonical.value, note=f"{a.reason.value}: {a.lexical.value:.2f}, {a.canonical.value:.2f}"
        )
        for a in judged_admissions(facts.records)
        if a.lexical is not None and a.canonical is not None
    ]
    if not points:
        return ""
    limit = facts.config.novelty.threshold
    chart = similarity_chart("Lexical and canonical similarity", points, limit)
    return _figure("Similarity to the nearest known program", f"Dashed: the limit, {limit:g}.", chart)


def _figure(title: str, caption: str, chart: str) -> str:
    return f"<figure><figcaption>{escape(title)}<small>{escape(caption)}</small></figcaption>{chart}</figure>"


def front_html(facts: StudyFacts) -> str:
    """Return the score of every valid program over its parameters and over its FLOPs, with the fronts as steps."""
    metric, figures = facts.metric, []
    programs = best_records(facts.records, None, metric)
    for name in ("parameters", "FLOPs"):
        points = [
            Point(cost, facts.value(record), note=f"{record.candidate.key}: {metric.format(facts.value(record))}")
            for record in programs
            if (cost := COSTS[name](record)) is not None and cost > 0
        ]
        if points:
            chart = cost_chart(f"{metric.name.capitalize()} over {name}", points, name, metric)
            figures.append(_figure(f"{metric.name.capitalize()} over {name}", "The line is not beaten.", chart))
    return f'<div class="charts">{"".join(figures)}</div>' if figures else ""


def failure_bars(facts: StudyFacts) -> str:
    """Return a bar per stage: what entered it, its end what failed there."""
    reached = stages_reached(facts.records)
    most = reached[0][1]
    bars = "".join(
        f'<b>{stage.value}</b><span style="width:{100 * entered / most:.1f}%;'
        f'--passed:{100 * (entered - failed) / entered if entered else 0:.1f}%"></span>'
        f"<em>{count(failed)} of {count(entered)} failed</em>"
        for stage, entered, failed in reached
        if entered
    )
    return (
        '<p class="note">How far candidates got: each bar is what entered a stage, its red end what failed there.</p>'
        f'<div class="panel bars">{bars}</div><p></p>'
    )
