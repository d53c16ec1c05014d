"""What a study came to in five lines, warnings first."""

from archwright.analysis.finalists import interval_of, summarize_finalists
from archwright.analysis.report.designs import scores_by_block, told_apart
from archwright.analysis.report.facts import StudyFacts, written_by
from archwright.analysis.summary import values
from archwright.analysis.text import count, duration, one_line, percent_within, score_within
from archwright.candidate import Record
from archwright.designs.coverage import Coverage
from archwright.designs.design import Design
from archwright.designs.ranks import rank
from archwright.task import TEST


def short_lines(facts: StudyFacts) -> list[str]:
    """Return at most five sentences for somebody who reads nothing else."""
    if not facts.totals.evaluated:
        return ["Nothing has been evaluated yet."]
    return [line for line in (_best(facts), _course(facts), _failed(facts), _variety(facts), _cost(facts)) if line]


def _best(facts: StudyFacts) -> str:
    totals, metric = facts.totals, facts.metric
    if not facts.best:
        return ""  # The line on failures says so.
    best, split = facts.best[0], facts.config.as_task().split
    assert best.outcome is not None
    scored = score_within(metric, facts.value(best), interval_of(best.outcome, metric))
    has = "" if best.outcome.params is None else f"{count(best.outcome.params)} parameters and "
    line = (
        f"The best of {count(totals.evaluated)} candidates is {best.candidate.key} "
        f"({one_line(written_by(best.candidate), 80)}), with {has}"
        f"a {split} {metric.name} of {scored}, too good because it was selected by it"
    )
    if split == TEST:
        return f"{line}; nothing is left to test it on."
    tested = _tested(facts)
    return f"{line}; {tested}." if tested else f"{line}; no finalist has been scored on test images."


def _tested(facts: StudyFacts) -> str:
    """Return what the last opening says of the finalist that validation selected: the best on test is too good too."""
    metric = facts.metric
    if not facts.openings:
        return ""
    best = next(iter(summarize_finalists(facts.records, facts.openings[-1], metric)), None)
    if best is None or not best.outcomes:
        return ""
    if not best.mean.n:
        return f"on test images {best.record.candidate.key} failed"
    seeds = f"{best.mean.n} seed{'s' if best.mean.n > 1 else ''}"
    reached = score_within(metric, best.mean.mean, best.mean.within(metric.bounds))
    return f"on test images {best.record.candidate.key} reached {reached} (mean of {seeds})"


def _course(facts: StudyFacts) -> str:
    if facts.design is not None and facts.coverage is not None:
        return _design(facts, facts.design, facts.coverage)
    finished = [cycle for cycle in facts.cycles if cycle.is_finished and cycle.mean is not None]
    if len(finished) < 2:
        return ""
    first, last, metric = finished[0], finished[-1], facts.metric
    line = (
        f"From cycle {first.cycle} to cycle {last.cycle} the mean {metric.name} of the valid candidates went from "
        f"{score_within(metric, first.mean, first.mean_interval)} to "
        f"{score_within(metric, last.mean, last.mean_interval)}"
    )
    if first.above_threshold is not None and last.above_threshold is not None and first.threshold == last.threshold:
        line += (
            f", the share that reaches {metric.format(first.threshold)} from "
            f"{percent_within(first.above_threshold, first.above_threshold_interval)} to "
            f"{percent_within(last.above_threshold, last.above_threshold_interval)}"
        )
    control = "learning only a frozen model" if facts.adapters else "the search's doing only random search"
    return f"{line}; whether that is {control} at equal cost can say (archwright ablate)."


def _design(facts: StudyFacts, design: Design, coverage: Coverage) -> str:
    line = f"{count(coverage.done)} of {count(coverage.cells)} cells of the design have an outcome"
    ranking = rank(scores_by_block(design, list(facts.records), facts.metric)) if design.blocks else None
    if ranking is None:
        return f"{line}; what each level adds is under Design."
    return (
        f"{line}; over {count(ranking.blocks)} blocks {told_apart(ranking)} differ beyond chance (Nemenyi, 5 %; "
        f"Friedman's p {ranking.p:.2g})."
    )


def _failed(facts: StudyFacts) -> str:
    totals = facts.totals
    rate = percent_within(totals.valid_rate, totals.valid_interval)
    line = f"{count(totals.valid)} of {count(totals.evaluated)} candidates were valid, {rate}"
    if not facts.failures:
        return f"{line}."
    most = max(facts.failures, key=lambda each: each.count)
    times = count(most.count)
    return f"{line}; the most frequent end of the others is {most.kind.value} at stage {most.stage.value} ({times})."


def _variety(facts: StudyFacts) -> str:
    cycles = [cycle for cycle in facts.diagnostics.cycles if cycle.variety.n > 1]
    if not cycles:
        return ""
    variety = cycles[-1].variety
    return (
        f"The {count(variety.n)} valid programs of cycle {cycles[-1].cycle} come to {count(variety.distinct)} when "
        f"names and format are set aside; they are as varied as {variety.effective:.1f} programs with nothing in "
        "common."
    )


def _cost(facts: StudyFacts) -> str:
    overall = facts.totals.overall
    computed = duration(overall.cpu_s + overall.gpu_s)
    line = f"It took {duration(overall.wall_s)} of work ({computed} of CPU and GPU) and {count(overall.tokens)} tokens"
    price = price_of_a_point(facts)
    if price is None:
        return f"{line}."
    gained, seconds, each = price
    unit = "point" if facts.metric.unit == "%" else facts.metric.unit or "unit"
    if each is None:
        return f"{line}; the {duration(seconds)} after cycle 1 did not raise the best score."
    return (
        f"{line}; after cycle 1 the best score rose by {gained:.1f} {unit}{'s' if unit == 'point' else ''} in "
        f"{duration(seconds)} of evaluating and writing, {duration(each)} for one {unit}, though the best of more "
        "draws rises by chance as well."
    )


def price_of_a_point(facts: StudyFacts) -> tuple[float, float, float | None] | None:
    """Return by how many points the best improved after cycle 1, the seconds that took, and those of one point.

    A point is a hundredth of a share, and one unit of another metric; the seconds are the evaluations' CPU and GPU time
    and the model's own. No price where nothing was gained; None without a later cycle or valid candidates before it.
    """
    metric = facts.metric
    first = [record for record in facts.records if record.candidate.key.cycle == 1]
    later = [record for record in facts.records if record.candidate.key.cycle > 1]
    before, after = (metric.best(values(records, metric)) for records in (first, facts.records))
    if not later or before is None or after is None:
        return None
    gained = (metric.key(after) - metric.key(before)) * (100 if metric.unit == "%" else 1)
    seconds = sum(map(_seconds, later))
    return gained, seconds, seconds / gained if gained > 0 else None


def _seconds(record: Record) -> float:
    evaluated = 0.0 if record.outcome is None else record.outcome.cpu_s + record.outcome.gpu_s
    return evaluated + record.candidate.generate_s
