"""The theory's statements on this study, as a table a person can read."""

import math

from archwright.analysis.intervals import Interval
from archwright.analysis.report.tables import Table
from archwright.analysis.text import NOTHING, count, percent, percent_within
from archwright.analysis.theory.diagnostics import Diagnostics
from archwright.analysis.theory.laws import Law, best_law
from archwright.analysis.theory.proxy import TRUSTED
from archwright.analysis.theory.validity import ValidityByLines
from archwright.task import Metric

DIAGNOSIS_NOTE = (
    "Statements of the convergence theory (arXiv 2605.30103) on this archive, finished cycles only. The elite is what "
    "reaches the threshold, of all candidates that were tried; rho_0 is its share in the first cycle, C_t what a law "
    "says of it after t cycles, and the law with the least AIC fits best. Effective is the number of architectures "
    "without anything in common that would be as varied (Leinster and Cobbold, order 1, on canonical forms). All "
    "intervals at 95 %. What holds of the statements where the truth is known is in docs/benchmarks.md."
)


def diagnosis_table(found: Diagnostics) -> Table:
    """Return one row per finished cycle: elite against bound and best law, and variety."""
    law = best_law(dict(found.laws))
    rows = []
    for place, cycle in enumerate(found.cycles):
        elite, variety = cycle.elite, cycle.variety
        rows.append(
            (
                str(cycle.cycle),
                NOTHING if elite is None else percent_within(elite.share, elite.interval()),
                NOTHING if elite is None else percent(found.bound.bounds[place]),
                NOTHING if elite is None or law is None else percent(law.at(elite.after)),
                count(variety.n),
                count(variety.distinct),
                f"{variety.effective:.1f}" if variety.n else NOTHING,
                NOTHING if variety.mean_similarity is None else f"{variety.mean_similarity:.2f}",
                percent_within(variety.largest / variety.n, variety.largest_interval) if variety.n else NOTHING,
            )
        )
    headings = (
        *("cycle", "elite", "published bound", f"fitted ({law.law.value})" if law else "fitted"),
        *("valid, compared", "distinct", "effective", "mean similarity", "most frequent"),
    )
    return Table(headings, rows)


def statement_table(found: Diagnostics, metric: Metric) -> Table:
    """Return one row per statement that an archive can say something of."""
    rows = [
        ("2: the mean never falls", *_monotonicity(found, metric)),
        ("3: elite at least 1 - (1 - rho_0)^t", *_bound(found)),
        ("3, as a law", *_laws(found)),
        ("4: fewer lines, more valid", *_validity(found)),
        ("5: novelty prevents collapse", *_variety(found)),
        ("6: the proxy ranks reliably", *_reliability(found)),
    ]
    return Table(("statement", "here", "figures"), rows, frozenset({0, 1, 2}))


UNKNOWN = "not known"


def _monotonicity(found: Diagnostics, metric: Metric) -> tuple[str, str]:
    monotonicity = found.monotonicity
    slope, interval, drops = monotonicity.slope, monotonicity.slope_interval, monotonicity.drops()
    if not monotonicity.steps or slope is None or interval is None:
        return UNKNOWN, "two cycles with valid candidates are needed"
    scale, unit = (100, "points") if metric.unit == "%" else (1, metric.unit)
    trend = "rises" if interval.low > 0 else "falls" if interval.high < 0 else "no trend"
    worst = min(monotonicity.steps, key=lambda step: step.p_drop)
    return (
        f"contradicted, {trend}" if drops else f"not contradicted, {trend}",
        f"{scale * slope:+.2f} [{scale * interval.low:+.2f}, {scale * interval.high:+.2f}] {unit} better a cycle; "
        f"rank correlation {monotonicity.rank_correlation or 0.0:.2f}; {len(drops)} of {len(monotonicity.steps)} steps "
        f"fall beyond chance, smallest p {worst.p_drop:.2g} (Welch, Holm)",
    )


def _bound(found: Diagnostics) -> tuple[str, str]:
    if len(found.bound.bounds) < 2:
        return UNKNOWN, "two finished cycles with a threshold are needed"
    cycles = [str(found.cycles[place].cycle) for place in found.bound.violated]
    below = f"{len(found.bound.below)} of {len(found.bound.bounds)} cycles are below it"
    if cycles:
        return "contradicted", f"{below}, beyond chance in {', '.join(cycles)}"
    return "not contradicted", below


def _laws(found: Diagnostics) -> tuple[str, str]:
    best = best_law(dict(found.laws))
    if best is None:
        return UNKNOWN, "two finished cycles with a threshold are needed"
    published = found.laws[Law.PUBLISHED]
    parts = [f"C_0 {best.c_0:.3f}"]
    parts += [f"a {best.a:.3f}"] if best.law is not Law.CONSTANT else []
    parts += [f"ceiling {best.k:.3f}"] if best.law is Law.CEILING else []
    aic = ", ".join(f"{law.value} {fit.aic:.1f}" for law, fit in found.laws.items())
    misfit = "" if published.p_fit is None else f"; the published form fits with p {published.p_fit:.2g}"
    return f"{best.law.value} fits best", f"{', '.join(parts)}; AIC {aic}{misfit}"


def _validity(found: Diagnostics) -> tuple[str, str]:
    fit = found.validity
    if fit is None:
        return UNKNOWN, "valid and invalid candidates with different numbers of lines are needed"
    better = "logistic" if fit.logistic.log_likelihood > fit.markov.log_likelihood else "Markov"
    return (
        "supported" if fit.is_decreasing else "no effect shown",
        f"log odds {_ten_slopes(fit)} for ten lines more; lambda "
        f"{fit.markov.lambda_:.4f}, pi_0 {fit.markov.pi_0:.2f}; {better} likelier by "
        f"{abs(fit.logistic.log_likelihood - fit.markov.log_likelihood):.1f} nats ({count(fit.n)} candidates)",
    )


def _ten_slopes(fit: ValidityByLines) -> str:
    """Return the slope over ten lines; where lines part the programs, so that the steepest is likeliest, its bound."""
    slope, low, high = (
        10 * each for each in (fit.logistic.slope, fit.logistic.slope_interval.low, fit.logistic.slope_interval.high)
    )
    if math.isinf(low):
        return f"at most {high:+.3f} (no valid program is longer than an invalid one)"
    if math.isinf(high):
        return f"at least {low:+.3f} (no valid program is shorter than an invalid one)"
    return f"{slope:+.3f} [{low:+.3f}, {high:+.3f}]"


def _variety(found: Diagnostics) -> tuple[str, str]:
    known = [cycle for cycle in found.cycles if cycle.variety.n]
    if not known:
        return UNKNOWN, "no finished cycle has valid candidates"
    first, last = known[0].variety, known[-1].variety
    admitted = (
        f"; admitted programs are at most {found.nearest_admitted:.2f} similar to what was known"
        if found.nearest_admitted is not None
        else ""
    )
    return (
        "narrows" if last.effective_share < first.effective_share / 2 else "no collapse",
        f"effective architectures {first.effective:.1f} of {first.n} in cycle {known[0].cycle}, "
        f"{last.effective:.1f} of {last.n} in cycle {known[-1].cycle}{admitted}",
    )


def _reliability(found: Diagnostics) -> tuple[str, str]:
    reliability = found.reliability
    components, predicted = reliability.components, reliability.predicted
    measured = "".join(
        f"; measured against {each.epochs} epochs on {each.split} {each.measured.rho:.2f}"
        + _within(each.measured.interval)
        + (f", {each.measured.corrected:.2f} corrected for range" if each.measured.corrected is not None else "")
        + f" (n = {each.measured.n})"
        for each in reliability.comparisons
    )
    if components is None or predicted is None:
        return UNKNOWN, f"nothing was trained with two seeds{measured}"
    needed = reliability.seeds_needed
    by_ranks = "" if reliability.ranks_snr is None else f", {reliability.expected:.2f} by the ranks of two trainings"
    return (
        "yes" if reliability.is_trusted else "no",
        f"SNR {components.snr:.2f}{_within(reliability.interval)} from {count(components.values)} trainings of "
        f"{count(components.architectures)} architectures; predicted rank correlation {predicted:.2f}"
        f"{_within(reliability.predicted_interval)}{by_ranks}; seeds needed for {TRUSTED}: "
        f"{NOTHING if needed is None else count(needed)}{measured}",
    )


def _within(interval: Interval | None) -> str:
    return "" if interval is None else f" [{interval.low:.2f}, {interval.high:.2f}]"
