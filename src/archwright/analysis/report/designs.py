"""The report's section on a designed experiment: coverage, ranks or effects."""

from __future__ import annotations

import math
from itertools import combinations
from typing import TYPE_CHECKING

from archwright.analysis.intervals import Interval
from archwright.analysis.report.tables import Table
from archwright.analysis.text import NOTHING, count, difference_within, percent
from archwright.candidate import Record
from archwright.designs.coverage import cell_of
from archwright.designs.diagram import critical_difference_svg
from archwright.designs.effects import additive_effects
from archwright.designs.ranks import averaged, rank, regret, shares

if TYPE_CHECKING:
    from archwright.analysis.report.facts import StudyFacts
    from archwright.designs.coverage import Coverage
    from archwright.designs.design import Design, DesignCell
    from archwright.designs.ranks import Ranking, ScoresByBlock
    from archwright.task import Metric

DESIGN_NOTE = (
    "Counts are of candidates with an outcome. Gini is 0 for equal counts; p is of counts as uneven as these or more, "
    "were the levels of each candidate drawn at random."
)
EFFECTS_NOTE = (
    "Effect: what a level adds to the score by least squares over all levels at once, beside the mean of its factor's "
    "levels; in brackets 95 % of a bootstrap over candidates."
)


def coverage_table(coverage: Coverage) -> Table:
    """Return one row per factor and per pair of factors."""
    rows = [
        (
            spread.over,
            f"{spread.seen} of {spread.levels}",
            f"{spread.least}–{spread.most}" if spread.least < spread.most else count(spread.most),
            f"{spread.gini:.3f}",
            f"{spread.chi_square:.1f}",
            f"{spread.p:.3f}",
        )
        for spread in coverage.spreads
    ]
    return Table(("levels of", "seen", "candidates of each", "Gini", "chi-square", "p"), rows)


def scored_cells(design: Design, records: list[Record], metric: Metric) -> list[tuple[DesignCell, float]]:
    """Return the valid candidates' cells with their scores, larger for better."""
    return [
        (cell, metric.key(value))
        for record in records
        if (cell := cell_of(record, design)) is not None and (value := record.value(metric.name)) is not None
    ]


def scores_by_block(design: Design, records: list[Record], metric: Metric) -> ScoresByBlock:
    """Return block -> treatment -> mean score, larger for better; a failure counts as the worst score there can be.

    Where the metric has no worst score, as an error has none, it counts as the worst that was met in the design.
    """
    done = [(cell, record) for record in records if record.outcome is not None and (cell := cell_of(record, design))]
    keys = [None if (value := record.value(metric.name)) is None else metric.key(value) for _, record in done]
    worst = min(map(metric.key, metric.bounds))
    failed = worst if math.isfinite(worst) else min((key for key in keys if key is not None), default=0.0)
    rows = [
        (
            tuple(cell[name] for name in design.blocks),
            tuple(cell[name] for name in design.treatments),
            failed if key is None else key,
        )
        for (cell, _), key in zip(done, keys, strict=True)
    ]
    return averaged(rows)


def ranking_table(facts: StudyFacts, design: Design) -> tuple[list[str], list[Table], str]:
    """Return sentences, tables and the diagram on the treatments of a design with blocks."""
    scores = scores_by_block(design, list(facts.records), facts.metric)
    ranking, lost = rank(scores), regret(scores)
    if ranking is None:
        return ["Ranks need two blocks in which every treatment has its outcome, and three treatments."], [], ""
    metric, names = facts.metric, design.treatments
    note = (
        f"Mean ranks over {count(ranking.blocks)} blocks ({', '.join(design.blocks)}): Friedman's chi-square "
        f"{ranking.chi_square:.1f}, p = {ranking.p:.2g}; two mean ranks less than {ranking.critical_difference:.2f} "
        f"apart are not told apart (Nemenyi, 5 %), and {told_apart(ranking)} are. A failure is the worst of its block."
    )
    notes = [note]
    if lost is not None:
        best = ", ".join(map(str, lost.treatment))
        mean, worst, left_out = (metric.format_difference(each, "") for each in (lost.mean, lost.worst, lost.left_out))
        notes.append(
            f"The highest mean has {best}: against the highest of each block it loses {mean} (at most {worst}), chosen "
            f"on the other blocks alone {left_out}."
        )
    rows = [
        (*map(str, one.treatment), f"{one.rank:.2f}", metric.format(metric.key(one.score))) for one in ranking.ranked
    ]
    tables = [Table((*names, "mean rank", f"mean {metric.name}"), rows, frozenset(range(len(names))))]
    if terms := shares(scores, names):
        cells = [
            (" x ".join(term.term), percent(term.share), NOTHING if term.p is None else f"{term.p:.2g}")
            for term in terms
        ]
        tables.append(Table(("variance of", "share", "p"), cells))
    return notes, tables, f'<div class="panel">{critical_difference_svg(ranking)}</div>'


def told_apart(ranking: Ranking) -> str:
    """Return how many pairs of treatments differ beyond chance, in words."""
    pairs = list(combinations((one.rank for one in ranking.ranked), 2))
    apart = sum(abs(one - other) >= ranking.critical_difference for one, other in pairs)
    return f"{count(apart)} of {count(len(pairs))} pairs of treatments"


def effects_table(facts: StudyFacts, design: Design) -> Table | None:
    """Return one row per level of every factor, best first; None before enough is scored."""
    scored = scored_cells(design, list(facts.records), facts.metric)
    effects = additive_effects(design.factors, scored, facts.config.seed)
    if not effects:
        return None
    rows = [
        (
            effect.factor,
            str(effect.level),
            count(effect.n),
            facts.metric.format(facts.metric.key(effect.mean)),
            difference_within(facts.metric, effect.effect, Interval(effect.low, effect.high)),
        )
        for effect in effects
    ]
    return Table(("factor", "level", "candidates", f"raw mean {facts.metric.name}", "effect"), rows, frozenset({0, 1}))
