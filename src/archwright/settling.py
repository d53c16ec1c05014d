"""What needs no training: candidates without a program, static failures, known outcomes, near-duplicates, outranked.

One visible step of the loop between writing and training.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from archwright.admission import Admissions
from archwright.assembly import Assembly
from archwright.candidate import Candidate, Failure, FailureKind, Outcome, Stage, Trial
from archwright.evaluation.evaluator import Job
from archwright.learning.learner import Learner
from archwright.randomness import derive_seed
from archwright.strategies.strategy import View


@dataclass(frozen=True, slots=True)
class Settled:
    """What became of candidates without training, and what is left to train."""

    outcomes: list[tuple[Candidate, Outcome]]
    to_train: list[tuple[Candidate, Job]]
    """In the order of training."""


def trial_of(candidate: Candidate, assembly: Assembly) -> Trial:
    """Return the trial of the search: trained with the candidate's own seed, scored on what the search selects on."""
    digest = None if candidate.program is None else candidate.program.digest
    task = assembly.task
    return Trial(digest, derive_seed(candidate.seed, "train"), candidate.at or task.fidelity, task.split)


def settle(
    candidates: Sequence[Candidate], view: View, assembly: Assembly, admissions: Admissions, learner: Learner
) -> Settled:
    """Return the outcome of every candidate that needs no training, and the jobs of the others."""
    outcomes: list[tuple[Candidate, Outcome]] = []
    refused = admissions.refuse_duplicates(candidates, view.records)
    open_: list[tuple[Candidate, Job]] = []
    for candidate in candidates:
        failure = candidate.failure or refused.get(candidate.key)
        if failure is not None or candidate.program is None:
            assert failure is not None
            outcomes.append((candidate, _failed(candidate, failure, assembly)))
            continue
        job = Job(candidate.key.index, candidate.program, derive_seed(candidate.seed, "train"), candidate.at)
        if (known := assembly.executor.settle(job)) is not None:
            outcomes.append((candidate, known))
        else:
            open_.append((candidate, job))
    by_key = {candidate.key: (candidate, job) for candidate, job in open_}
    ranked = learner.rank([candidate for candidate, _ in open_], view)
    to_train = [by_key.pop(candidate.key) for candidate in ranked]
    message = "not trained: the judge ranked other candidates before it"
    outranked = Failure(Stage.BUDGET, FailureKind.OUTRANKED, message)
    outcomes += [(candidate, _failed(candidate, outranked, assembly)) for candidate, _ in by_key.values()]
    return Settled(outcomes, to_train)


def _failed(candidate: Candidate, failure: Failure, assembly: Assembly) -> Outcome:
    seed, protocol = derive_seed(candidate.seed, "train"), assembly.config.data.protocol.value
    return Outcome(failure.stage, failure=failure, seed=seed, protocol=protocol)
