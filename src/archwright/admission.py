"""Who is novel in a study: against what it began with, what it admitted, and what may join before in the same cycle.

Everything here follows from the records by their keys, so a verdict does not depend on which candidate finished
training first (sections A.1 and A.2 of the closed-loop paper).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from archwright.candidate import Admission, Candidate, Failure, FailureKind, Key, Record, Similarity, Stage
from archwright.config import StudyConfig
from archwright.contracts.contract import Contract
from archwright.elite import admission_order
from archwright.novelty.index import NoveltyFilter, Verdict
from archwright.strategies.strategy import Strategy, View

UNKNOWN = Similarity(0.0, None)


@dataclass(frozen=True, slots=True)
class Novelty:
    """What the filter says of one candidate of a cycle."""

    verdict: Verdict
    rejections: int | None
    """Near-duplicates met before this accept; None unless novel."""


class Admissions:
    """Judges cycles of one study against what the study already knows."""

    def __init__(
        self,
        config: StudyConfig,
        contract: Contract,
        begun_with: Sequence[Record] | None = None,
        taught: Sequence[str] = (),
    ) -> None:
        """Judge against what the study began with, by default the starters of its `contract`, and what was `taught`.

        The latter are the programs that the adapter was taught which the study starts from.
        """
        self._config = config
        self._contract = contract
        self._begun_with = contract.starters() if begun_with is None else begun_with
        self._taught = taught

    def admit(self, view: View, strategy: Strategy) -> dict[Key, Admission]:
        """Return the verdict on every candidate of the view's cycle, as `strategy` gives it."""
        novelty = self._judge(view)
        reasons = strategy.admit(view, {key: each.verdict.is_novel for key, each in novelty.items()})
        return {
            key: Admission(
                reason,
                lexical=novelty[key].verdict.lexical if key in novelty else None,
                canonical=novelty[key].verdict.canonical if key in novelty else None,
                rejections=novelty[key].rejections if key in novelty else None,
                graph=novelty[key].verdict.graph if key in novelty else None,
            )
            for key, reason in reasons.items()
        }

    @property
    def judges_in_turn(self) -> bool:
        """Whether `refuse_duplicates` needs all candidates before one in its cycle to judge it."""
        novelty = self._config.novelty
        return novelty.before_training and "cycle" in novelty.against

    def refuse_duplicates(self, candidates: Sequence[Candidate], records: Sequence[Record]) -> dict[Key, Failure]:
        """Return a failure for every one of `candidates` to be refused before training (`novelty.before_training`).

        With `cycle` in `novelty.against` each is compared with those before it in its cycle, by key, that pass the
        static checks and were not refused, whatever became of them and whenever they were written. So the verdicts do
        not depend on what has finished or on where a run was killed.
        """
        if not self._config.novelty.before_training or not candidates:
            return {}
        cycle, judged = candidates[0].key.cycle, {candidate.key for candidate in candidates}
        known = self._known_before(cycle, records)
        accepted = [
            record.candidate
            for record in records
            if self.judges_in_turn and record.candidate.key.cycle == cycle and not _is_refused(record)
            if record.candidate.key not in judged and record.candidate.key < max(judged)
        ]
        refused: dict[Key, Failure] = {}
        for candidate in sorted((*candidates, *accepted), key=lambda candidate: candidate.key):
            if candidate.program is None or not self._passes(candidate):
                continue  # Fails for its own reason, which says more than similarity.
            if candidate.key in judged:
                verdict = known.judge(candidate.program.source)
                if not verdict.is_novel:
                    refused[candidate.key] = _refusal(verdict, self._config)
                    continue
            if self.judges_in_turn:
                known.add(str(candidate.key), candidate.program.source)
        return refused

    def _judge(self, view: View) -> dict[Key, Novelty]:
        """Return the novelty of every valid candidate of the cycle, judged in the order in which they may join."""
        valid = admission_order(view.mine, view.threshold, self._config.loop, view.metric)
        if not self._config.novelty.against:  # compared with nothing
            new = Novelty(Verdict(UNKNOWN, UNKNOWN, is_novel=True), 0)
            return {record.candidate.key: new for record in valid}
        known = self._known_before(view.cycle, view.records)
        found: dict[Key, Novelty] = {}
        rejected = 0
        for record in valid:
            key, source = record.candidate.key, record.program.source
            verdict = known.judge(source, _graph(record))
            found[key] = Novelty(verdict, rejected if verdict.is_novel else None)
            if not verdict.is_novel:
                rejected += 1
                continue
            rejected = 0
            if "cycle" in self._config.novelty.against:
                known.add(str(key), source, _graph(record))
        return found

    def _passes(self, candidate: Candidate) -> bool:
        is_guarded = self._config.sandbox.policy == "on"
        program = candidate.program
        return program is not None and not self._contract.check(program.source, with_policy=is_guarded)

    def _known_before(self, cycle: int, records: Sequence[Record]) -> NoveltyFilter:
        known = self._corpus.copy()
        if "study" in self._config.novelty.against:
            for record in records:
                if record.candidate.key.cycle < cycle and record.is_admitted:
                    known.add(str(record.candidate.key), record.program.source, _graph(record))
        return known

    @cached_property
    def _corpus(self) -> NoveltyFilter:
        """What the study and its model began with, where that counts."""
        known = NoveltyFilter(self._config.novelty)
        if "corpus" in self._config.novelty.against:
            for record in self._begun_with:
                known.add(record.candidate.operation or record.program.digest, record.program.source)
        if "taught" in self._config.novelty.against:
            for number, source in enumerate(self._taught, start=1):
                known.add(f"taught {number}", source)
        return known


def _graph(record: Record) -> str | None:
    return None if record.outcome is None else record.outcome.graph


def _is_refused(record: Record) -> bool:
    return record.outcome is not None and record.outcome.stage is Stage.NOVELTY


def _refusal(verdict: Verdict, config: StudyConfig) -> Failure:
    nearest = max((verdict.lexical, verdict.canonical), key=lambda similarity: similarity.value)
    message = (
        f"The program is {100 * nearest.value:.0f} % similar to {nearest.nearest}; the limit is "
        f"{100 * config.novelty.threshold:.0f} % (novelty.threshold). Change the architecture, not names or layout."
    )
    return Failure(Stage.NOVELTY, FailureKind.NEAR_DUPLICATE, message)
