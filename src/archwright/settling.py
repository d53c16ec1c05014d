"""What needs no training: candidates without a program, static failures, known outcomes, near-duplicates, outranked.

One visible step of the loop between writing and training.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from archwright.admission import Admissions
from archwright.assembly import Assembly
from archwright.candidate import Candidate, Failure, FailureKind, Key, Outcome, Stage, Trial
from archwright.evaluation.evaluator import Job
from archwright.learning.learner import Learner
from archwright.randomness import derive_seed
from archwright.strategies.strategy import View
from archwright.task import Metric

OUTRANKED = Failure(Stage.BUDGET, FailureKind.OUTRANKED, "not trained: the judge ranked other candidates before it")


@dataclass(frozen=True, slots=True)
class RankedBatch:
    """What a judge makes of candidates that were written together."""

    kept: list[Candidate]
    """In the order of training."""
    settled: dict[Key, tuple[Trial, Outcome]]
    """Those left out."""


@dataclass(frozen=True, slots=True)
class Settled:
    """What became of candidates without training, and what is left to train."""

    outcomes: list[tuple[Candidate, Outcome]]
    to_train: list[tuple[Candidate, Job]]


def trial_of(candidate: Candidate, assembly: Assembly) -> Trial:
    """Return the trial of the search: trained with the candidate's own seed, scored on what the search selects on."""
    digest = None if candidate.program is None else candidate.program.digest
    task = assembly.task
    return Trial(digest, derive_seed(candidate.seed, "train"), candidate.at or task.fidelity, task.split)


def rank(candidates: Sequence[Candidate], view: View, assembly: Assembly, learner: Learner) -> RankedBatch:
    """Return what `learner` wants trained, and the outcomes of what it leaves out, to be stored in the same breath.

    Candidates are ranked once, among those they were written with: a study that is resumed must not judge the rest of
    a batch anew.
    """
    unwritten = [candidate for candidate in candidates if candidate.program is None]
    kept = list(learner.rank([candidate for candidate in candidates if candidate.program is not None], view))
    keys = {candidate.key for candidate in (*kept, *unwritten)}
    settled = {
        candidate.key: (trial_of(candidate, assembly), failed(candidate, OUTRANKED, assembly))
        for candidate in candidates
        if candidate.key not in keys
    }
    return RankedBatch(unwritten + kept, settled)


def refused(
    candidates: Sequence[Candidate], view: View, assembly: Assembly, admissions: Admissions
) -> list[tuple[Candidate, Outcome]]:
    """Return those that no evaluator needs to see: candidates without a program and near-duplicates."""
    duplicates = admissions.refuse_duplicates(candidates, view.records)
    return [
        (candidate, failed(candidate, failure, assembly))
        for candidate in candidates
        if (failure := candidate.failure or duplicates.get(candidate.key)) is not None
    ]


def settle(candidates: Sequence[Candidate], view: View, assembly: Assembly, admissions: Admissions) -> Settled:
    """Return the outcome of every candidate that needs no training, and the jobs of the others."""
    found = Settled(refused(candidates, view, assembly, admissions), [])
    keys = {candidate.key for candidate, _ in found.outcomes}
    for candidate in candidates:
        if candidate.key in keys or candidate.program is None:
            continue
        job = Job(candidate.key.index, candidate.program, derive_seed(candidate.seed, "train"), candidate.at)
        known = assembly.executor.settle(job)
        if known is not None:
            found.outcomes.append((candidate, known))
        else:
            found.to_train.append((candidate, job))
    return found


def scored_by(metric: Metric, outcome: Outcome) -> Outcome:
    """Return the outcome of somebody's own evaluator with plain numbers, which JSON can hold.

    Raises ValueError for scores without `metric` or beyond its bounds: every mean would be wrong from then on; and
    TypeError for what is no Outcome.
    """
    if not isinstance(outcome, Outcome):
        wanted = f"Outcome(stage=Stage.SCORE, scores=Scores({{'{metric.name}': 0.5}}, n=1))"
        raise TypeError(f"{outcome!r} is no Outcome: write {wanted}")
    if outcome.scores is None:
        return outcome
    values = {name: float(value) for name, value in outcome.scores.values.items()}
    low, high = metric.bounds
    if metric.name not in values:
        raise ValueError(f"the scores have no {metric.name}, by which this study selects, but {', '.join(values)}")
    if not low <= values[metric.name] <= high:
        raise ValueError(f"{metric.name} = {values[metric.name]:g} is not within {low:g} and {high:g}")
    return replace(outcome, scores=replace(outcome.scores, values=values))


def failed(candidate: Candidate, failure: Failure, assembly: Assembly) -> Outcome:
    """Return the outcome of a candidate that is not trained."""
    seed, protocol = derive_seed(candidate.seed, "train"), assembly.config.data.protocol.value
    return Outcome(failure.stage, failure=failure, seed=seed, protocol=protocol)
