"""Finalists in numbers: what each program came to on the test split, over its seeds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from archwright.analysis.intervals import Interval, Mean, t_interval, wilson
from archwright.analysis.summary import best_records
from archwright.candidate import Outcome, Record
from archwright.task import Metric

if TYPE_CHECKING:
    from archwright.archive import OpeningRow


@dataclass(frozen=True, slots=True)
class Finalist:
    """One program on the test split."""

    record: Record
    """The candidate with which the search selected it; its score there is on validation and too good."""
    outcomes: Sequence[Outcome]
    """One per seed it was trained with so far, in the order of the seeds."""
    mean: Mean
    """Mean test score over the seeds that were scored, with its t-interval; failures are left out and shown."""
    same_as: Record | None = None
    """The finalist before it that computes the same, as far as scores tell: all of them, the loss too, are equal to the
    last digit with every seed."""


def summarize_finalists(records: Sequence[Record], opening: OpeningRow, metric: Metric) -> list[Finalist]:
    """Return the finalists of `opening`, the best on validation first."""
    finalists: list[Finalist] = []
    for record in selected_for(opening, records, metric):
        found = finals_of(record, opening, records)
        outcomes = [found[seed] for seed in opening.seeds if seed in found]
        same_as = next((each.record for each in finalists if _are_same(each.outcomes, outcomes)), None)
        finalists.append(Finalist(record, outcomes, t_interval(_scores(outcomes, metric)), same_as))
    return finalists


def describe_same(finalists: Sequence[Finalist]) -> list[str]:
    """Return a sentence for every finalist that takes a place beside one that computes the same."""
    return [
        f"{each.record.candidate.key} computes what {each.same_as.candidate.key} does: all scores are the same with "
        "every seed. They are one result."
        for each in finalists
        if each.same_as is not None
    ]


def _are_same(ours: Sequence[Outcome], others: Sequence[Outcome]) -> bool:
    """Return whether both were trained with the same seeds and scored alike; equal entries of a table say nothing."""
    return (
        [(each.seed, each.params, each.scores) for each in ours]
        == [(each.seed, each.params, each.scores) for each in others]
        != []
    ) and all(each.scores is not None and not each.scores.is_looked_up for each in ours)


def _scores(outcomes: Sequence[Outcome], metric: Metric) -> list[float]:
    """Return the score of every training that has one; what was looked up counts once."""
    found = [each for each in outcomes if each.value(metric.name) is not None]
    is_looked_up = all(each.scores is not None and each.scores.is_looked_up for each in found)
    return [value for each in (found[:1] if is_looked_up else found) if (value := each.value(metric.name)) is not None]


def selected_for(opening: OpeningRow, records: Sequence[Record], metric: Metric) -> list[Record]:
    """Return the candidates that `opening` was decided for, in its order, whatever the study has found since.

    Where an opening from before their keys were kept has several with the program, it is the first that has results
    of it, else the best.
    """
    if opening.candidates:
        by_key = {str(record.candidate.key): record for record in records if record.candidate.program is not None}
        return [by_key[key] for key in opening.candidates if key in by_key]
    by_digest = {record.program.digest: record for record in best_records(records, None, metric)}
    for record in reversed(records):
        if record.candidate.program is not None and finals_of(record, opening, [record]):
            by_digest[record.program.digest] = record
    return [by_digest[digest] for digest in opening.programs if digest in by_digest]


def finals_of(record: Record, opening: OpeningRow, records: Sequence[Record]) -> dict[int, Outcome]:
    """Return the outcomes on the test split that belong to `opening`, by seed.

    They are the program's at the recipe it was selected with, whichever of the `records` with both has them: a result
    counts once, and the first. Openings from before candidates were named in them trained all with the study's recipe.
    """
    recipe = recipe_of(record) if opening.candidates else ""
    found: dict[int, Outcome] = {}
    for other in records:
        if other.candidate.program != record.candidate.program or recipe_of(other) != recipe_of(record):
            continue
        for trial, outcome in other.outcomes.items():
            is_of_opening = trial.at.epochs == opening.epochs and trial.seed in opening.seeds
            if trial.split == "test" and is_of_opening and recipe in ("", trial.at.recipe):
                found.setdefault(trial.seed, outcome)
    return found


def recipe_of(record: Record) -> str:
    """Return the recipe of its own that a candidate was trained with in the search; empty for the study's."""
    at = record.candidate.at
    return "" if at is None else at.recipe


def interval_of(outcome: Outcome, metric: Metric) -> Interval | None:
    """Return the Wilson interval of one score that is a share of images; None for other metrics, without a score,
    for one that is no share and for one that was looked up."""
    value, scores = outcome.value(metric.name), outcome.scores
    if value is None or scores is None or metric.interval != "wilson" or not 0 <= value <= 1 or scores.n <= 0:
        return None
    return wilson(round(value * scores.n), scores.n)
