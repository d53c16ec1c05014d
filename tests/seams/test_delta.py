"""Delta code: the answer is an edit of the parent, applied or refused in words."""

from collections.abc import Iterator, Sequence

from archwright.assembly import Parts
from archwright.candidate import WRITER, Call, Candidate, Failure, FailureKind, Program, Record, Stage
from archwright.elite import ThresholdAdmission
from archwright.generators.generator import Models, Request
from archwright.llm.model import Decoding, Prompt
from archwright.llm.pairs import Pair
from archwright.strategies.strategy import View
from archwright.testing.models import FakeModel

EDITS = ("Conv2d -> Conv2d", "no such text -> whatever", "ReLU -> GELU")


class DeltaGenerator:
    name, roles = "delta", (WRITER,)

    def prompt_for(self, request: Request) -> Prompt:
        return Prompt("Answer with an edit.", request.parents[0].program.source)

    def write(self, requests: Sequence[Request], models: Models) -> Iterator[list[Candidate]]:
        for request in requests:  # each is archived as it comes
            prompt = self.prompt_for(request)
            (answer,) = models[WRITER].complete([prompt], Decoding(0.3, 50, 0.9, 64), [request.seed])
            old, _, new = answer.text.partition(" -> ")
            source = request.parents[0].program.source
            refusal = Failure(Stage.WRITE, FailureKind.REFUSED, f"'{old}' does not occur in the parent")
            written = Program(source.replace(old, new)) if old in source else refusal
            calls = (Call(WRITER, str(prompt), answer.text, models[WRITER].name),)
            yield [request.candidate(self.name, written, calls=calls, facts={"edit": answer.text})]

    def lessons(self, elite: Sequence[Record], known: Sequence[Record]) -> list[Pair]:
        return [Pair(Prompt("", ""), str(record.candidate.facts.get("edit"))) for record in elite]


class FromStarters(ThresholdAdmission):
    learns = False

    def ask(self, view: View) -> list[Request]:
        return [Request((view.starters[seed % len(view.starters)],)) for seed in view.seeds(min(2, view.left))]


def test_an_edit_that_does_not_apply_is_a_candidate_with_its_reason(run) -> None:
    def parts(executor: object) -> Parts:
        models = {WRITER: FakeModel(EDITS)}
        return Parts(strategy=FromStarters(), generator=DeltaGenerator(), models=models, executor=executor)

    records = run(["llm.adapter=none", "tune.enabled=false", "task=digits"], parts)
    refused = [record for record in records if record.candidate.program is None]
    assert {record.outcome.failure.kind for record in refused} == {FailureKind.REFUSED}
    assert all(record.candidate.calls for record in records)
    assert any(record.is_valid for record in records)
