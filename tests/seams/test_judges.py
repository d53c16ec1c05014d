"""A judge that ranks, a second fidelity, and an admission by two objectives."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from tests.seams.designs import Assembler, Design

from archwright.assembly import Parts
from archwright.candidate import AdmissionReason, Candidate, FailureKind, Fidelity, Key
from archwright.generators.generator import Request
from archwright.strategies.strategy import View
from archwright.testing.evaluators import FakeEvaluator

CELLS = [{"width": 8 * number} for number in range(18)]


class ShorterFirst:
    """Trains the shorter half of what is written together."""

    def prepare(self, view: View) -> None: ...

    def rank(self, candidates: Sequence[Candidate], view: View) -> Sequence[Candidate]:
        return sorted(candidates, key=lambda each: int(each.facts["width"]))[: max(1, len(candidates) // 2)]


class AllAtOnce(Assembler):
    def write(self, requests, models):
        yield [candidate for some in super().write(requests, models) for candidate in some]


def test_what_a_judge_leaves_out_is_not_trained(run) -> None:
    def parts(executor: object) -> Parts:
        return Parts(strategy=Design(CELLS), generator=AllAtOnce(), learner=ShorterFirst(), executor=executor)

    records = run([], parts)
    left_out = [record for record in records if not record.is_valid]
    assert {record.outcome.failure.kind for record in left_out} == {FailureKind.OUTRANKED}
    assert len(left_out) == 9


class Halving(Design):
    """Three epochs for the best of the cycle before."""

    def ask(self, view: View) -> list[Request]:
        if view.cycle == 1 or view.is_pending or view.done >= 2:
            return super().ask(view) if view.cycle == 1 else []
        earlier = [record for record in view.records if record.candidate.key.cycle == view.cycle - 1]
        best = sorted(earlier, key=lambda record: -view.metric.key(view.value(record) or 0.0))
        at = Fidelity(epochs=3 ** (view.cycle - 1))
        return [Request((record,), choice=record.candidate.facts, at=at) for record in best[view.done : 2]]


def test_a_rung_is_one_more_trial_at_its_own_fidelity(run) -> None:
    def parts(executor: object) -> Parts:
        return Parts(strategy=Halving(CELLS), generator=Assembler(), executor=executor)

    records = run([], parts)
    trials = [(trial.at.epochs, trial.program) for record in records for trial in record.outcomes]
    assert [epochs for epochs, _ in trials] == [1] * 6 + [3] * 2 + [9] * 2
    assert {program for _, program in trials[6:]} <= {program for _, program in trials[:6]}


class Pareto(Design):
    """Admits what nothing of the cycle beats in both score and size."""

    def admit(self, view: View, is_novel: Mapping[Key, bool]) -> Mapping[Key, AdmissionReason]:
        points = {r.candidate.key: (view.value(r), -(r.outcome.params or 0)) for r in view.mine if r.is_valid}
        verdicts = {record.candidate.key: AdmissionReason.INVALID for record in view.mine}
        for key, mine in points.items():
            is_beaten = any(other != mine and other[0] >= mine[0] and other[1] >= mine[1] for other in points.values())
            verdicts[key] = AdmissionReason.BELOW_THRESHOLD if is_beaten else AdmissionReason.ADMITTED
        return verdicts


def test_a_strategy_may_admit_a_pareto_front(run) -> None:
    def parts(executor: object) -> Parts:
        return Parts(strategy=Pareto(CELLS), generator=Assembler(), executor=executor)

    evaluator = FakeEvaluator
    records = run(["loop.cycles=1"], parts, evaluator)
    admitted = [record for record in records if record.is_admitted]
    best = max(records, key=lambda record: record.value("accuracy") or 0.0)
    assert best in admitted
    assert all(replace(record).is_valid for record in admitted)
