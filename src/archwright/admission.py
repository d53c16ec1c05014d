"""The end of a cycle: who is novel, who is elite (sections A.2 and 1 of the closed-loop paper).

Everything here follows from the records in the order they were proposed, so a verdict does not depend on which
candidate finished training first.
"""

from collections.abc import Sequence

from archwright.candidate import (
    Admission,
    Candidate,
    Failure,
    FailureKind,
    Key,
    Outcome,
    Record,
    Stage,
)
from archwright.config import StudyConfig
from archwright.contract import check_source
from archwright.elite import quantile_threshold, select_elite
from archwright.novelty.index import NoveltyFilter, Verdict
from archwright.starters import SeedNetwork

PUBLISHED_THRESHOLDS = {"cifar10": 0.40}
"""Accuracy after one epoch that makes an elite in the paper; it was the 98th percentile of cycle 1."""


def threshold_of_study(config: StudyConfig, records: Sequence[Record], earlier: float | None) -> float | None:
    """Return the accuracy that makes an elite, or None while no candidate was ever valid.

    Configured or published thresholds are fixed; otherwise the quantile of the first cycle that had valid candidates
    decides (`earlier`, once a cycle has settled it).
    """
    if config.loop.threshold is not None:
        return config.loop.threshold
    if config.task in PUBLISHED_THRESHOLDS:
        return PUBLISHED_THRESHOLDS[config.task]
    if earlier is not None:
        return earlier
    accuracies = [record.outcome.scores.accuracy for record in records if record.outcome and record.outcome.scores]
    return quantile_threshold(accuracies, config.loop.threshold_quantile) if accuracies else None


class Admissions:
    """Judges cycles of one study against what the study already knows."""

    def __init__(self, config: StudyConfig, corpus: Sequence[SeedNetwork]) -> None:
        self._config = config
        self._corpus = corpus

    def admit(self, cycle: int, records: Sequence[Record], threshold: float | None) -> dict[Key, Admission]:
        """Return the verdict on every candidate of `cycle`; `records` are all of the study's, in order."""
        mine = [record for record in records if record.candidate.key.cycle == cycle]
        known = self._known_before(cycle, records)
        verdicts: dict[Key, Verdict] = {}
        rejections: dict[Key, int] = {}
        rejected = 0
        for record in mine:
            if record.outcome is None or not record.outcome.is_valid:
                continue
            key, source = record.candidate.key, record.candidate.program.source
            verdict = verdicts[key] = known.judge(source)
            if not verdict.is_novel:
                rejected += 1
                continue
            rejections[key], rejected = rejected, 0
            if "cycle" in self._config.novelty.against:
                known.add(str(key), source)
        reasons = select_elite(mine, {key: v.is_novel for key, v in verdicts.items()}, threshold, self._config.loop)
        return {
            key: Admission(
                reason,
                lexical=verdicts[key].lexical if key in verdicts else None,
                canonical=verdicts[key].canonical if key in verdicts else None,
                rejections=rejections.get(key),
            )
            for key, reason in reasons.items()
        }

    def refuse_duplicates(self, candidates: Sequence[Candidate], records: Sequence[Record]) -> dict[Key, Outcome]:
        """Return an outcome for every candidate to be refused before training (`novelty.before_training`)."""
        if not self._config.novelty.before_training or not candidates:
            return {}
        cycle = candidates[0].key.cycle
        known = self._known_before(cycle, records)
        for record in records:
            if record.candidate.key.cycle == cycle and record.outcome and record.outcome.is_valid:
                known.add(str(record.candidate.key), record.candidate.program.source)
        refused: dict[Key, Outcome] = {}
        for candidate in candidates:
            if check_source(candidate.program.source, with_policy=self._config.sandbox.policy == "on"):
                continue  # Fails for its own reason, which says more than similarity.
            verdict = known.judge(candidate.program.source)
            if verdict.is_novel:
                known.add(str(candidate.key), candidate.program.source)
            else:
                refused[candidate.key] = _refusal(candidate, verdict, self._config)
        return refused

    def _known_before(self, cycle: int, records: Sequence[Record]) -> NoveltyFilter:
        known = NoveltyFilter(self._config.novelty)
        if "corpus" in self._config.novelty.against:
            for network in self._corpus:
                known.add(network.name, network.program.source)
        if "study" in self._config.novelty.against:
            for record in records:
                is_earlier = record.candidate.key.cycle < cycle
                if is_earlier and record.admission is not None and record.admission.is_admitted:
                    known.add(str(record.candidate.key), record.candidate.program.source)
        return known


def _refusal(candidate: Candidate, verdict: Verdict, config: StudyConfig) -> Outcome:
    nearest = max((verdict.lexical, verdict.canonical), key=lambda similarity: similarity.value)
    message = (
        f"The program is {100 * nearest.value:.0f} % similar to {nearest.nearest}; the limit is "
        f"{100 * config.novelty.threshold:.0f} % (novelty.threshold). Change the architecture, not names or layout."
    )
    failure = Failure(Stage.NOVELTY, FailureKind.NEAR_DUPLICATE, message)
    return Outcome(Stage.NOVELTY, failure=failure, seed=candidate.seed, protocol=config.data.protocol.value)
