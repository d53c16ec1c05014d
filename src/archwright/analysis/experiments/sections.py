"""A comparison as sections: the same list for HTML and Markdown."""

from collections.abc import Callable, Sequence

from archwright.analysis.experiments.comparison import Comparison, Difference, StudyCurves
from archwright.analysis.experiments.endpoints import Which
from archwright.analysis.intervals import Interval, Mean, t_interval
from archwright.analysis.report.charts import Point, Series, cycle_chart
from archwright.analysis.report.sections import Section
from archwright.analysis.report.tables import Table
from archwright.analysis.text import count, percent, percent_within, score_within, share_of

COLOURS = ("s1", "s2", "s3", "s4", "s5", "s6", "s7", "s8")
"""Of the arms in a chart; more than these are in the tables only."""
WORDS = {
    Which.ALL: "all valid programs",
    Which.DISTINCT: "each canonical form once a cycle",
    Which.UNTAUGHT: "each canonical form once a study, without what the model had been taught",
}


def sections_of(comparison: Comparison) -> list[Section]:
    """Return the sections of the report of an experiment."""
    return [
        *([_differences(comparison)] if len(comparison.arms) > 1 else []),
        *(_means(comparison, which) for which in Which),
        *(_shares(comparison, which) for which in Which),
        _validity(comparison),
        _teaching(comparison),
    ]


def _differences(comparison: Comparison) -> Section:
    arms = [arm for arm in comparison.arms if arm != comparison.reference]
    note = (
        f"{comparison.reference} minus each arm, paired by seed; positive: {comparison.reference} is better. Means and "
        f"shares are of the last {comparison.last} cycles. In brackets Student's t over seeds at 95 %, p of the paired "
        "t test, not corrected for the number of figures; then a bootstrap over candidates, which says what is known "
        "about these seeds only."
    )
    rows = [
        (arm, each.figure, *_difference_cells(comparison, each)) for arm in arms for each in comparison.differences(arm)
    ]
    headings = ("arm", "figure", "ahead", "seeds", "p", "over candidates")
    notes = [note, *filter(None, [_unequal(comparison, arms)])]
    return Section("Differences", notes, [Table(headings, rows, frozenset({0, 1}))])


def _unequal(comparison: Comparison, arms: Sequence[str]) -> str:
    """Return which studies are compared at unequal numbers of candidates, where the larger one's best is better by
    chance and the last cycles are others; nothing where all are equal."""
    found = [
        f"{arm} {count(theirs.candidates)}, {comparison.reference} {count(ours.candidates)} (seed {ours.seed})"
        for arm in arms
        for ours, theirs in comparison.pairs(arm)
        if ours.candidates != theirs.candidates
    ]
    return f"Not at equal numbers of candidates: {'; '.join(found)}." if found else ""


def _difference_cells(comparison: Comparison, each: Difference) -> tuple[str, str, str, str]:
    metric = comparison.metric
    if each.figure.startswith("share") or metric.unit == "%":
        ahead, over = points_within(each.mean.mean, each.mean.interval), _points(each.over_candidates)
    else:
        ahead, over = score_within(metric, each.mean.mean, each.mean.interval), _scores(each.over_candidates)
    return ahead, count(each.mean.n), "–" if each.p is None else f"{each.p:.3g}", over


def points_within(value: float | None, interval: Interval | None) -> str:
    """Return a difference of shares in percentage points, with its interval."""
    if value is None:
        return "–"
    return f"{100 * value:+.2f}" + (f" {_points(interval)}" if interval is not None else "")


def _points(interval: Interval | None) -> str:
    return "" if interval is None else f"[{100 * interval.low:+.2f}, {100 * interval.high:+.2f}]"


def _scores(interval: Interval | None) -> str:
    return "" if interval is None else f"[{interval.low:+.3g}, {interval.high:+.3g}]"


def _means(comparison: Comparison, which: Which) -> Section:
    metric = comparison.metric
    return _by_cycle(
        comparison,
        f"Mean {metric.name}, {which}",
        f"Of {WORDS[which]}; mean over seeds and Student's t at 95 %.",
        lambda study: study.curves[which].means(),
        lambda mean: score_within(metric, mean.mean, mean.within(metric.bounds)),
        is_share=metric.unit == "%",
    )


def _shares(comparison: Comparison, which: Which) -> Section:
    return _by_cycle(
        comparison,
        f"Share at or above cycle 1's 75th percentile, {which}",
        f"Of {WORDS[which]}; mean over seeds and Student's t at 95 %.",
        lambda study: study.curves[which].shares(comparison.metric),
        lambda mean: percent_within(mean.mean, mean.within((0.0, 1.0))),
        is_share=True,
    )


def _by_cycle(
    comparison: Comparison,
    title: str,
    note: str,
    values: Callable[[StudyCurves], Sequence[float | None]],
    words: Callable[[Mean], str],
    *,
    is_share: bool,
) -> Section:
    """Return a table with a row for every cycle and a column for every arm, and the same as curves."""
    cycles = max(len(values(study)) for studies in comparison.arms.values() for study in studies)
    found = {
        arm: [_over(studies, values, cycle) for cycle in range(cycles)] for arm, studies in comparison.arms.items()
    }
    rows = [(str(cycle + 1), *(words(means[cycle]) for means in found.values())) for cycle in range(cycles)]
    series = [
        Series(
            arm,
            colour,
            [
                Point(cycle + 1, mean.mean, mean.low, mean.high, f"{arm}: {words(mean)}")
                for cycle, mean in enumerate(of)
            ],
        )
        for colour, (arm, of) in zip(COLOURS, found.items(), strict=False)
    ]
    chart = f'<div class="charts"><figure>{cycle_chart(title, series, is_share=is_share)}</figure></div>'
    return Section(title, [note], [Table(("cycle", *found), rows)], charts=chart)


def _over(studies: Sequence[StudyCurves], values: Callable[[StudyCurves], Sequence[float | None]], cycle: int) -> Mean:
    found = [value for study in studies for value in values(study)[cycle : cycle + 1]]
    return t_interval([value for value in found if value is not None])


def _validity(comparison: Comparison) -> Section:
    rows = []
    for arm, studies in comparison.arms.items():
        valid, every = (sum(pair[place] for study in studies for pair in study.valid) for place in (0, 1))
        best = comparison.over_seeds(arm, lambda study: study.best[-1] if study.best else None)
        area = comparison.over_seeds(arm, lambda study: study.area)
        rows.append(
            (
                arm,
                count(len(studies)),
                share_of(every, valid),
                percent(t_interval([share for study in studies for share in study.distinct if share is not None]).mean),
                score_within(comparison.metric, best.mean, best.within(comparison.metric.bounds)),
                score_within(comparison.metric, area.mean, area.within(comparison.metric.bounds)),
            )
        )
    headings = ("arm", "seeds", "valid", "distinct of valid, in its cycle", "best", "mean of best so far")
    note = (
        "Valid over all candidates with Wilson's interval; the others over seeds. Best so far counts from the first "
        "valid candidate on."
    )
    return Section("Arms", [note], [Table(headings, rows)])


def _teaching(comparison: Comparison) -> Section:
    note = "By how much the elite of a cycle is ahead of the mean of its valid programs: what a lesson could teach."
    cycles = max(len(study.gap) for studies in comparison.arms.values() for study in studies)
    rows = [
        (
            str(cycle + 1),
            *(_gap(comparison, _over(studies, lambda study: study.gap, cycle)) for studies in comparison.arms.values()),
        )
        for cycle in range(cycles)
    ]
    return Section("Elite minus valid", [note], [Table(("cycle", *comparison.arms), rows)])


def _gap(comparison: Comparison, mean: Mean) -> str:
    if comparison.metric.unit == "%":
        return points_within(mean.mean, mean.interval)
    return score_within(comparison.metric, mean.mean, mean.interval)
