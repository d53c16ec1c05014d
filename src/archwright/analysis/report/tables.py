"""The tables of a report as plain rows, for Markdown and HTML alike."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from archwright.analysis.finalists import interval_of, summarize_finalists
from archwright.analysis.fronts import COSTS
from archwright.analysis.repairs import AFTER
from archwright.analysis.report.facts import StudyFacts, written_by
from archwright.analysis.structure import MOTIFS
from archwright.analysis.summary import StageCost
from archwright.analysis.text import (
    NOTHING,
    count,
    difference_within,
    duration,
    one_line,
    percent,
    percent_within,
    score_within,
    share_of,
    size,
)
from archwright.candidate import Record
from archwright.task import Metric

FINALISTS_NOTE = (
    "Trained again on training and validation images, each with the recipe it was selected with and new seeds, and "
    "scored by fresh boxes from source and weights. "
    "The score on validation selected them and is too good. In brackets 95 % intervals: Wilson over the images, "
    "Student's t over the seeds."
)

STRUCTURE_NOTE = (
    "From the computational graph of a forward pass, as traced in the box: names, order of definition and code that "
    "never runs do not change it. Similarity is of Weisfeiler-Lehman labels, effective as under Diagnostics. A motif's "
    "column says how many networks have it, and in brackets how often it occurs."
)

FRONT_NOTE = (
    "Programs that no other beats without costing more of what the last column names. Latency is of one image in the "
    "box that answered, in batches as in the search, on whatever else ran there: for orders of magnitude."
)

REPAIR_NOTE = (
    "What the model wrote is run as it is; its end is cut off, and what is missing beyond doubt added, only where the "
    "program would fail the static checks otherwise."
)


CHANGES_NOTE = (
    "Score of a candidate minus the mean of its parent, larger for better. Identity is a program trained again with "
    "another seed; as parents are chosen for their scores, it falls by chance alone, and a change is worth what it is "
    "above that. In brackets 95 % intervals: Wilson for shares of the scored, which takes them for independent though "
    "children of one parent share its luck; for means a bootstrap over parents. Beyond the noise: "
    "by more than two trainings at such scores differ in one of twenty cases, by programs trained more than once."
)
MOST_CHANGES = 20
"""Candidates listed with their change, the best change first; `archwright report --json` has all."""


@dataclass(frozen=True, slots=True)
class Table:
    """A titled table; every cell is text, untrusted text included, so each rendering must escape it."""

    headings: Sequence[str]
    rows: Sequence[Sequence[str]]
    left: frozenset[int] = frozenset({0})
    """Columns aligned to the left; the others are numbers."""
    folded: str = ""
    """A title of its own, under which a long table is folded away where that is possible."""


def cycle_table(facts: StudyFacts) -> Table:
    """Return one row per cycle: the numbers of the paper with their 95 % intervals."""
    metric = facts.metric
    headings = (
        *("cycle", "candidates", "valid", "valid rate", "best", "mean", "median"),
        *("threshold", "above threshold", "admitted", "rejected", "J_gen"),
    )
    rows = [
        (
            str(cycle.cycle) + ("" if cycle.is_finished else " (open)"),
            count(cycle.generated),
            count(cycle.valid),
            percent_within(cycle.valid_rate, cycle.valid_interval),
            metric.format(cycle.best),
            score_within(metric, cycle.mean, cycle.mean_interval),
            metric.format(cycle.median),
            metric.format(cycle.threshold),
            percent_within(cycle.above_threshold, cycle.above_threshold_interval),
            count(cycle.admitted),
            count(cycle.rejections),
            NOTHING if cycle.repetition is None else f"{cycle.repetition:.2f}",
        )
        for cycle in facts.cycles
    ]
    return Table(headings, rows)


def best_table(best: Sequence[Record], metric: Metric) -> Table:
    """Return one row per program among the best."""
    rows = [
        (
            str(record.candidate.key),
            metric.format(record.value(metric.name)),
            count(record.outcome.params if record.outcome else None),
            one_line(written_by(record.candidate)),
        )
        for record in best
    ]
    return Table(("candidate", metric.name, "parameters", "written by"), rows, frozenset({0, 3}))


def front_table(facts: StudyFacts) -> Table:
    """Return one row per program on a front."""
    rows = []
    for each in facts.fronts:
        latency_ms = COSTS["latency"](each.record)
        outcome = each.record.outcome
        rows.append(
            (
                str(each.record.candidate.key),
                facts.metric.format(facts.value(each.record)),
                count(outcome.params if outcome else None),
                count(outcome.flops if outcome else None, per=10**6),
                NOTHING if latency_ms is None else f"{latency_ms:.3f}",
                ", ".join(each.fronts),
            )
        )
    headings = ("candidate", facts.metric.name, "parameters", "MFLOPs", "ms an image", "not beaten for its")
    return Table(headings, rows, frozenset({0, 5}))


def structure_table(facts: StudyFacts) -> Table:
    """Return one row per cycle: how varied its networks' graphs are, and how many networks have each motif."""
    rows = [
        (
            str(row.cycle),
            count(row.variety.n),
            count(row.variety.distinct),
            f"{row.variety.effective:.1f}",
            NOTHING if row.variety.mean_similarity is None else f"{row.variety.mean_similarity:.2f}",
            *(f"{count(getattr(row.having, name))} ({count(getattr(row.motifs, name))})" for name in MOTIFS),
        )
        for row in facts.structure
    ]
    headings = ("cycle", "traced", "distinct", "effective", "mean similarity")
    return Table((*headings, *(name.replace("_", "-") for name in MOTIFS)), rows)


def failure_table(facts: StudyFacts) -> Table:
    """Return one row per stage and kind of failure, with the first message."""
    generated = facts.totals.generated
    rows = [
        (item.stage.value, item.kind.value, count(item.count), percent(item.count / generated), one_line(item.example))
        for item in facts.failures
    ]
    return Table(("stage", "kind", "candidates", "share", "first message"), rows, frozenset({0, 1, 4}))


def repair_table(facts: StudyFacts) -> Table:
    """Return the valid rate of the candidates that a model wrote, after each step from completion to program."""
    rows = [
        (
            AFTER[rate.repair],
            count(rate.candidates),
            count(rate.valid),
            percent_within(rate.valid_rate, rate.valid_interval),
        )
        for rate in facts.totals.repairs
    ]
    return Table(("program", "candidates", "valid up to here", "valid rate"), rows)


def cost_table(facts: StudyFacts) -> Table:
    """Return what each stage used, then the sum, per candidate and per valid candidate (section L)."""
    totals = facts.totals
    overall = totals.overall
    rows = [_cost_row(cost.stage, cost, 1) for cost in totals.stages]
    if totals.cached:
        rows.append((f"{count(totals.cached)} outcomes known from before", *["–"] * 5))
    rows.append(_cost_row("total", overall, 1))
    if totals.generated:
        rows.append(_cost_row("per candidate", overall, totals.generated))
    if totals.valid:
        rows.append(_cost_row("per valid candidate", overall, totals.valid))
    return Table(("stage", "work", "CPU", "GPU", "tokens", "received"), rows)


def _cost_row(name: str, cost: StageCost, divisor: int) -> tuple[str, ...]:
    seconds = (cost.wall_s, cost.cpu_s, cost.gpu_s)
    return (
        name,
        *(duration(value / divisor) if value else NOTHING for value in seconds),
        count(cost.tokens / divisor) if cost.tokens else NOTHING,
        size(cost.bytes / divisor) if cost.bytes else NOTHING,
    )


def adapter_table(facts: StudyFacts) -> Table:
    """Return one row per fine-tuning."""
    rows = [
        (
            row.name,
            row.model,
            ", ".join(row.parents) or NOTHING,
            count(row.pairs),
            count(row.steps),
            f"{row.loss:.3f}",
            row.digest[:12],
        )
        for row in facts.adapters
    ]
    return Table(("adapter", "model", "continues", "pairs", "steps", "loss", "digest"), rows, frozenset({0, 1, 2, 6}))


def final_table(facts: StudyFacts) -> Table:
    """Return one row per finalist and seed, and one with the mean where there are several seeds."""
    rows = []
    metric = facts.metric
    for opening in facts.openings:
        when = f"{opening.opened_at:%Y-%m-%d %H:%M}"
        for finalist in summarize_finalists(facts.records, opening, metric):
            name = str(finalist.record.candidate.key)
            selected = metric.format(facts.value(finalist.record))
            for outcome in finalist.outcomes:
                scored = score_within(metric, outcome.value(metric.name), interval_of(outcome, metric))
                failure = one_line(outcome.failure.message) if outcome.failure else ""
                images = count(outcome.scores.n if outcome.scores else 0)
                rows.append((str(opening.number), name, selected, str(outcome.seed), scored, images, when, failure))
            mean = finalist.mean
            if mean.interval is not None:
                over = f"mean of {mean.n}"
                scored = score_within(metric, mean.mean, mean.within(metric.bounds))
                rows.append((str(opening.number), name, selected, over, scored, "", "", ""))
    headings = ("opening", "program", "validation", "seed", f"test {metric.name}", "images", "opened (UTC)", "failure")
    return Table(headings, rows, frozenset({0, 1, 6, 7}))


def configuration_table(facts: StudyFacts) -> Table:
    """Return every configuration key with its value."""
    rows = list(flatten(facts.config.model_dump(mode="json")).items())
    return Table(("key", "value"), rows, frozenset({0, 1}), folded="Configuration")


def change_table(facts: StudyFacts) -> Table:
    """Return one row per way of changing a program."""
    rows = []
    for kind in facts.changes.kinds:
        if not kind.candidates:
            continue
        rows.append(
            (
                kind.kind,
                count(kind.candidates),
                count(kind.n),
                share_of(kind.n, kind.better),
                NOTHING if kind.beyond is None else share_of(kind.n, kind.beyond),
                difference_within(facts.metric, kind.mean, kind.interval),
            )
        )
    return Table(
        ("changed by", "candidates", "scored", "scored better", "better beyond the noise", "mean change"), rows
    )


def edit_table(facts: StudyFacts) -> Table:
    """Return the candidates whose score rose most above their parent's."""
    known = [change for change in facts.changes.candidates if change.change is not None and not change.is_identity]
    known.sort(key=lambda change: -(change.change or 0.0))
    rows = [
        (
            str(change.key),
            change.kind,
            facts.names.get(change.parent, change.parent[:12]),
            count(change.edited_lines),
            change.how or NOTHING,
            count(change.tokens),
            facts.metric.format(change.parent_score),
            facts.metric.format_difference(change.change),
        )
        for change in known[:MOST_CHANGES]
    ]
    headings = ("candidate", "changed by", "parent", "edited lines", "applied", "tokens", "parent's score", "change")
    return Table(headings, rows, frozenset({0, 1, 2, 4}), folded="Largest changes")


def session_table(facts: StudyFacts) -> Table:
    """Return where and with what the study ran, one row per session."""
    rows = [
        (
            str(session.number),
            f"{session.opened_at:%Y-%m-%d %H:%M}",
            _machine(session.environment),
            _versions(session.environment),
        )
        for session in facts.sessions
    ]
    return Table(
        ("session", "opened (UTC)", "machine", "versions"), rows, frozenset({0, 1, 2, 3}), folded="Machine and versions"
    )


def setting_changes(facts: StudyFacts) -> list[str]:
    """Return a sentence for every session that went on with other settings than the one before it.

    A setting that only one of them has is one of a newer version, or of before sessions kept their configuration.
    """
    sentences = []
    for before, after in pairwise(facts.sessions):
        old, new = flatten(before.config), flatten(after.config)
        changes = [f"{key} = {new[key]} (before: {old[key]})" for key in old if new.get(key, old[key]) != old[key]]
        if changes:
            when = f"{after.opened_at:%Y-%m-%d %H:%M}"
            sentences.append(f"From session {after.number} ({when} UTC) on: {', '.join(changes)}.")
    return sentences


def flatten(values: Mapping[str, object], prefix: str = "") -> dict[str, str]:
    """Return nested JSON values as `section.key` -> JSON text."""
    flat: dict[str, str] = {}
    for key, value in values.items():
        if isinstance(value, Mapping) and value:
            flat |= flatten(value, f"{prefix}{key}.")
        else:
            flat[prefix + key] = json.dumps(value, ensure_ascii=False)
    return flat


def _machine(environment: Mapping[str, object]) -> str:
    memory_mb = environment.get("memory_mb")
    parts = [
        str(environment.get("processor") or environment.get("machine") or "unknown processor"),
        f"{environment.get('cores')} cores",
        f"{memory_mb / 1024:.0f} GiB" if isinstance(memory_mb, int) else "",
        ", ".join(map(str, graphics)) if isinstance(graphics := environment.get("graphics"), list) else "",
        str(environment.get("os", "")),
    ]
    return ", ".join(part for part in parts if part)


def _versions(environment: Mapping[str, object]) -> str:
    libraries = environment.get("libraries")
    versions = {"archwright": environment.get("archwright"), "python": environment.get("python")}
    versions |= dict(libraries) if isinstance(libraries, Mapping) else {}
    return ", ".join(f"{name} {version}" for name, version in versions.items() if version)
